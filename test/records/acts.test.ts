import { describe, expect, it } from 'vitest';
import { builtInRole, builtInRoleNamed, logSources } from '../../src/records/index.ts';
import type { Act, EntityChange } from '../../src/model/event.ts';
import { ANNA, BEN, GLOBAL_ADMINISTRATOR, roleAudit, type Json } from './wire.ts';

function acts(feed: string, raw: Json): Act[] {
  return logSources.get(feed)?.acts(raw) ?? [];
}

const GRANT = { name: 'role_grant', kind: 'do', subject: `user:${ANNA}`, cause: `${GLOBAL_ADMINISTRATOR}:/` };

function withRole(property: Json[], over: Json = {}): Json {
  const target = {
    id: ANNA,
    displayName: 'Anna Adler',
    type: 'User',
    userPrincipalName: 'anna@muster.example',
  };
  return roleAudit({ targetResources: [{ ...target, modifiedProperties: property }], ...over });
}

/** PIM's shape: role among the targets and in additionalDetails, the address in additionalDetails only. */
function pimAudit(over: Json = {}): Json {
  return roleAudit({
    activityDisplayName: 'Add member to role in PIM completed (permanent)',
    loggedByService: 'PIM',
    initiatedBy: {
      user: { id: BEN, displayName: 'Ben Bauer', userPrincipalName: 'ben@muster.example' },
      app: null,
    },
    targetResources: [
      { id: 'x', displayName: 'Global Administrator', type: 'Role', modifiedProperties: [] },
      { id: 'y', displayName: null, type: 'Request', modifiedProperties: [] },
      { id: ANNA, displayName: 'Anna Adler', type: 'User', userPrincipalName: 'anna@muster.example' },
      { id: 'z', displayName: 'Muster Bau', type: 'Directory', modifiedProperties: [] },
    ],
    additionalDetails: [
      { key: 'RoleDefinitionOriginId', value: GLOBAL_ADMINISTRATOR },
      { key: 'TemplateId', value: GLOBAL_ADMINISTRATOR },
      { key: 'ipaddr', value: '203.0.113.7' },
    ],
    ...over,
  });
}

describe('an audit without an act', () => {
  const words = (raw: Json) => logSources.get('directory-audits')?.words?.(raw);

  it('tells who did it, to what and from where', () => {
    const policy = { id: 'p', displayName: 'MFA for all', type: 'Policy', userPrincipalName: null };
    const record = roleAudit({
      activityDisplayName: 'Update conditional access policy',
      targetResources: [policy, { id: ANNA, type: 'User', userPrincipalName: 'anna@muster.example' }],
    });
    expect(words(record)).toEqual({ actor: 'ben@muster.example', subject: 'MFA for all', ip: '203.0.113.7' });
  });

  it('leaves empty what it does not name', () => {
    expect(words({ targetResources: 'none', initiatedBy: null })).toEqual({ actor: '', subject: '', ip: '' });
  });
});

describe('a role grant in an audit', () => {
  it('has principal, role and scope as its keys and who did it in its words', () => {
    expect(acts('directory-audits', roleAudit())).toEqual([
      {
        ...GRANT,
        words: {
          actor: 'ben@muster.example',
          subject: 'anna@muster.example',
          role: 'Global Administrator',
          scope: '/',
          ip: '203.0.113.7',
        },
      },
    ]);
  });

  it.each([
    ['by its display name alone', [{ displayName: 'Role.DisplayName', newValue: '"Global Administrator"' }]],
    ['with values not encoded', [{ displayName: 'Role.TemplateId', newValue: GLOBAL_ADMINISTRATOR }]],
    [
      'in upper case',
      [{ displayName: 'role.templateid', newValue: `"${GLOBAL_ADMINISTRATOR.toUpperCase()}"` }],
    ],
    [
      'in the old value',
      [{ displayName: 'Role.TemplateId', oldValue: `"${GLOBAL_ADMINISTRATOR}"`, newValue: null }],
    ],
  ])('names the role %s', (_how, properties) => {
    expect(acts('directory-audits', withRole(properties))).toMatchObject([GRANT]);
  });

  it('in PIM has the same keys as in Core Directory', () => {
    expect(acts('directory-audits', pimAudit())).toMatchObject([
      { ...GRANT, words: { actor: 'ben@muster.example', ip: '203.0.113.7', role: 'Global Administrator' } },
    ]);
  });

  it.each([
    ['Add member to role', 'do'],
    ['Add eligible member to role', 'do'],
    ['Add scoped member to role', 'do'],
    ['Add member to role in PIM completed (timebound)', 'do'],
    ['Add eligible member to role in PIM completed (permanent)', 'do'],
    ['Add member to role completed (PIM activation)', 'do'],
    ['Add member to role outside of PIM (permanent)', 'do'],
    ['add member to role', 'do'],
    ['Remove member from role', 'undo'],
    ['Remove eligible member from role', 'undo'],
    ['Remove member from role in PIM completed (permanent)', 'undo'],
    ['Remove member from role (PIM activation expired)', 'undo'],
    ['Remove member from role completed (PIM deactivate)', 'undo'],
  ])('called %s is a %s', (activityDisplayName, kind) => {
    expect(acts('directory-audits', pimAudit({ activityDisplayName }))).toMatchObject([{ ...GRANT, kind }]);
  });

  it.each([
    [{ activityDisplayName: 'Add member to role requested (PIM activation)' }],
    [{ activityDisplayName: 'Add member to role in PIM canceled (timebound)' }],
    [{ activityDisplayName: 'Add member to group' }],
    [{ result: 'failure' }],
    [{ result: 'timeout' }],
    [{ result: null }],
    [{ targetResources: [] }],
  ])('is none with %j', (over) => {
    expect(acts('directory-audits', roleAudit(over))).toEqual([]);
  });

  it('over an administrative unit has the unit as its scope, spelt as role assignments spell it', () => {
    const unit = 'ad000000-1111-4222-8333-0000000000aa';
    const base = roleAudit();
    const targets = [
      ...(base['targetResources'] as Json[]),
      { id: unit, displayName: 'Berlin', type: 'AdministrativeUnit' },
    ];
    const record = roleAudit({ activityDisplayName: 'Add scoped member to role', targetResources: targets });
    expect(acts('directory-audits', record)[0]?.cause).toBe(
      `${GLOBAL_ADMINISTRATOR}:/administrativeUnits/${unit}`,
    );
  });

  it.each([
    [{ type: 'ServicePrincipal', id: BEN }, `sp:${BEN}`],
    [{ type: 'Group', id: BEN }, `group:${BEN}`],
    [{ Type: 'User', id: BEN }, `user:${BEN}`],
    [{ '@odata.type': '#microsoft.graph.targetResourceUser', id: BEN }, `user:${BEN}`],
    [{ type: 'User', id: '', userPrincipalName: 'Anna@Muster.example' }, 'upn:anna@muster.example'],
  ])('given to %j has subject %s', (principal, subject) => {
    const role = { displayName: 'Role.TemplateId', newValue: `"${GLOBAL_ADMINISTRATOR}"` };
    const record = roleAudit({ targetResources: [{ ...principal, modifiedProperties: [role] }] });
    expect(acts('directory-audits', record)[0]?.subject).toBe(subject);
  });

  it('of a custom role keeps the id, or else the name, it was given', () => {
    const own = 'd5eec5e0-6992-4c6b-b430-0f833f1a815a';
    expect(
      acts('directory-audits', withRole([{ displayName: 'Role.TemplateId', newValue: `"${own}"` }]))[0]
        ?.cause,
    ).toBe(`${own}:/`);
    expect(
      acts('directory-audits', withRole([{ displayName: 'Role.DisplayName', newValue: '"Our Role"' }]))[0]
        ?.cause,
    ).toBe('name:our role:/');
  });

  it('of an Azure resource in PIM is none, though the activity has the same name', () => {
    const owner = [{ key: 'RoleDefinitionOriginId', value: '8e3af657-a8ff-443c-a75c-2fe8c4bcb635' }];
    const record = pimAudit({ category: 'ResourceManagement', additionalDetails: owner });
    const targets = (record['targetResources'] as Json[]).map((item) =>
      item['type'] === 'Role' ? { ...item, displayName: 'Owner' } : item,
    );
    expect(acts('directory-audits', { ...record, targetResources: targets })).toEqual([]);
  });

  it('with a broken encoding is read as it stands', () => {
    expect(
      acts('directory-audits', withRole([{ displayName: 'Role.DisplayName', newValue: '"Broken' }]))[0]
        ?.cause,
    ).toBe('name:"broken:/');
  });
});

function change(over: Partial<EntityChange>): Json {
  return {
    kind: 'role_assignment',
    op: 'added',
    id: 'a',
    before: null,
    after: null,
    from: 1,
    to: 2,
    ...over,
  };
}

describe('a role grant in the role list', () => {
  const held = {
    principal_id: ANNA,
    principal_kind: 'user',
    principal_upn: 'anna@muster.example',
    role_template_id: GLOBAL_ADMINISTRATOR,
    role: 'Global Administrator',
    scope: '/',
  };

  it('has the keys of the audit that shows the same act', () => {
    const [seen] = acts('changes', change({ after: held }));
    const [audited] = acts('directory-audits', roleAudit());
    expect([seen?.name, seen?.kind, seen?.subject, seen?.cause]).toEqual([
      audited?.name,
      audited?.kind,
      audited?.subject,
      audited?.cause,
    ]);
    expect(seen?.words).toMatchObject({ subject: 'anna@muster.example', role: 'Global Administrator' });
  });

  it('is undone when the assignment is gone, and no act when it only changed', () => {
    expect(acts('changes', change({ op: 'removed', before: held }))).toMatchObject([
      { ...GRANT, kind: 'undo' },
    ]);
    expect(acts('changes', change({ op: 'changed', before: held, after: held }))).toEqual([]);
  });

  it('counts a principal of unknown kind as a user', () => {
    expect(acts('changes', change({ after: { ...held, principal_kind: null } }))[0]?.subject).toBe(
      `user:${ANNA}`,
    );
    expect(acts('changes', change({ after: { ...held, principal_kind: 'sp' } }))[0]?.subject).toBe(
      `sp:${ANNA}`,
    );
  });
});

describe('an inbox rule that came or went', () => {
  const rule = (actions: Json[], enabled = true) => ({
    mailbox_id: ANNA,
    rule_id: 'r',
    name: '.',
    enabled,
    actions,
  });
  const forward = { action: 'redirect', target: 'drop@mailbox.test' };

  it('is an act for each thing it does, the ways of sending on being one', () => {
    const after = rule([
      forward,
      { action: 'forward', target: 'drop@mailbox.test' },
      { action: 'delete', target: '' },
    ]);
    expect(acts('changes', change({ kind: 'inbox_rule', after }))).toMatchObject([
      {
        name: 'inbox_rule',
        kind: 'do',
        subject: `user:${ANNA}`,
        cause: 'forward:drop@mailbox.test',
        words: { rule: '.' },
      },
      { name: 'inbox_rule', kind: 'do', subject: `user:${ANNA}`, cause: 'delete:' },
    ]);
  });

  it('changed is an act for what is new and an undo for what is gone', () => {
    const over = {
      kind: 'inbox_rule',
      op: 'changed' as const,
      before: rule([forward]),
      after: rule([{ action: 'move', target: 'archive' }]),
    };
    expect(acts('changes', change(over)).map(({ kind, cause }) => [kind, cause])).toEqual([
      ['do', 'move:archive'],
      ['undo', 'forward:drop@mailbox.test'],
    ]);
  });

  it('does nothing while it is off', () => {
    expect(acts('changes', change({ kind: 'inbox_rule', after: rule([forward], false) }))).toEqual([]);
    const switched = {
      kind: 'inbox_rule',
      op: 'changed' as const,
      before: rule([forward], false),
      after: rule([forward]),
    };
    expect(acts('changes', change(switched))).toMatchObject([
      { kind: 'do', cause: 'forward:drop@mailbox.test' },
    ]);
  });
});

describe('the table of built-in roles', () => {
  it('knows a role by template id and by name, in any case', () => {
    expect(builtInRole(GLOBAL_ADMINISTRATOR.toUpperCase())).toEqual({
      templateId: GLOBAL_ADMINISTRATOR,
      tier: 0,
      name: 'Global Administrator',
    });
    expect(builtInRoleNamed(' global administrator')?.templateId).toBe(GLOBAL_ADMINISTRATOR);
    expect(builtInRole('d5eec5e0-6992-4c6b-b430-0f833f1a815a')).toBeUndefined();
  });
});
