import { describe, expect, it } from 'vitest';
import { entityKinds, isOutside, mailAddress, userSelect, userSelectPlain } from '../../src/records/index.ts';
import type { EntityRecord } from '../../src/model/entity.ts';
import { ANNA, GLOBAL_ADMINISTRATOR, type Json } from './wire.ts';

function entity(kind: string, raw: unknown): EntityRecord {
  const answer = entityKinds.get(kind)?.parse(raw);
  if (answer?.ok !== true) throw new Error(answer?.reason ?? `no kind ${kind}`);
  return answer.value;
}

const SKU = 'f245ecc8-75af-4f8e-b61f-27d8114de5f3';

function user(over: Json = {}): Json {
  return {
    id: ANNA,
    userPrincipalName: 'anna@muster.example',
    displayName: 'Anna Adler',
    mail: 'Anna@Muster.example',
    accountEnabled: true,
    userType: 'Member',
    createdDateTime: '2024-03-01T08:00:00Z',
    assignedLicenses: [{ skuId: SKU, disabledPlans: [] }],
    assignedPlans: [{ service: 'exchange', capabilityStatus: 'Enabled', servicePlanId: 'p' }],
    proxyAddresses: ['SMTP:anna@muster.example', 'smtp:a@muster.example'],
    ...over,
  };
}

describe('a user', () => {
  it('is reduced to what is read, with its rows for checks', () => {
    const { kind, id, json, scalars } = entity('user', user());
    expect([kind, id]).toEqual(['user', ANNA]);
    expect(json).toMatchObject({
      upn: 'anna@muster.example',
      mail: 'anna@muster.example',
      enabled: true,
      kind: 'member',
      created_at: Date.UTC(2024, 2, 1, 8),
      synced: false,
      licences: [SKU],
      exchange: true,
    });
    expect(scalars.user_account).toEqual([
      {
        upn: 'anna@muster.example',
        name: 'Anna Adler',
        kind: 'member',
        enabled: 1,
        created_at: Date.UTC(2024, 2, 1, 8),
        leave_at: null,
        synced: 0,
        manager_id: null,
        department: null,
        usage_location: null,
        external_state: null,
      },
    ]);
    expect(scalars.user_licence).toEqual([{ sku_id: SKU }]);
  });

  it('is the same whatever the order of lists and the properties we do not read', () => {
    const other = user({
      proxyAddresses: ['smtp:a@muster.example', 'SMTP:anna@muster.example'],
      city: 'Berlin',
    });
    expect(entity('user', other)).toEqual(entity('user', user()));
  });

  it.each([
    [{ accountEnabled: false }, 0],
    [{ accountEnabled: true }, 1],
    [{ accountEnabled: null }, 1],
    [{ accountEnabled: 'false' }, 1],
  ])('with %j has enabled %s: only a clear no is one', (over, enabled) => {
    expect(entity('user', user(over)).scalars.user_account?.[0]?.enabled).toBe(enabled);
  });

  it.each([
    [{ userType: 'Guest' }, 'guest'],
    [{ userType: null }, 'member'],
    [{ userType: null, userPrincipalName: 'x_partner.test#EXT#@muster.example' }, 'guest'],
    [{ userType: 'Member', userPrincipalName: 'x_partner.test#EXT#@muster.example' }, 'member'],
    [{ userType: 'somethingNew' }, 'member'],
  ])('with %j is a %s', (over, kind) => {
    expect(entity('user', user(over)).json['kind']).toBe(kind);
  });

  it.each([
    [[{ service: 'exchange', capabilityStatus: 'Warning' }], true],
    [[{ service: 'exchange', capabilityStatus: 'Deleted' }], false],
    [[{ service: 'SharePoint', capabilityStatus: 'Enabled' }], false],
    [[], false],
    [undefined, null],
  ])('with plans %j has Exchange: %s', (assignedPlans, exchange) => {
    expect(entity('user', user({ assignedPlans })).json['exchange']).toBe(exchange);
  });

  it('without an id is refused; without a name it is known by its id', () => {
    expect(entityKinds.get('user')?.parse({ displayName: 'x' })).toEqual({
      ok: false,
      reason: 'the user has no id',
    });
    expect(entity('user', { id: ANNA }).scalars.user_account?.[0]?.upn).toBe(ANNA);
  });

  it('is asked for with the properties that are read', () => {
    expect(userSelect).toContain('employeeLeaveDateTime');
    expect(userSelectPlain).not.toContain('employeeLeaveDateTime');
    expect(new Set(userSelect).size).toBe(userSelect.length);
  });
});

describe('a role assignment', () => {
  const raw = {
    id: 'lAPpYvVpN0KRkAEhdxReEMmO4KwRqtpKkUWt3wOYIz4-1',
    principalId: ANNA,
    roleDefinitionId: GLOBAL_ADMINISTRATOR,
    directoryScopeId: '/',
    principal: {
      '@odata.type': '#microsoft.graph.user',
      id: ANNA,
      displayName: 'Anna',
      userPrincipalName: 'a@b.example',
    },
  };

  it('knows holder, role, tier and scope', () => {
    const { id, json, scalars } = entity('role_assignment', raw);
    expect(id).toBe(raw.id);
    expect(json).toMatchObject({ principal_name: 'Anna', principal_upn: 'a@b.example' });
    expect(scalars.role_assignment).toEqual([
      {
        principal_id: ANNA,
        principal_kind: 'user',
        role_template_id: GLOBAL_ADMINISTRATOR,
        role: 'Global Administrator',
        tier: 0,
        scope: '/',
      },
    ]);
  });

  it.each([
    ['#microsoft.graph.servicePrincipal', 'sp'],
    ['#microsoft.graph.group', 'group'],
    ['#microsoft.graph.somethingNew', null],
    [undefined, null],
  ])('of a %s has principal kind %s', (type, kind) => {
    const { json } = entity('role_assignment', { ...raw, principal: { '@odata.type': type, id: ANNA } });
    expect(json['principal_kind']).toBe(kind);
  });

  it('of a custom role has no tier and the name of the expanded definition', () => {
    const own = { templateId: 'D5EEC5E0-6992-4C6B-B430-0F833F1A815A', displayName: 'Our Role' };
    expect(entity('role_assignment', { ...raw, roleDefinition: own }).json).toMatchObject({
      role_template_id: 'd5eec5e0-6992-4c6b-b430-0f833f1a815a',
      role: 'Our Role',
      tier: null,
    });
  });

  it.each(['id', 'roleDefinitionId'])('without %s is refused', (key) => {
    expect(entityKinds.get('role_assignment')?.parse({ ...raw, [key]: null }).ok).toBe(false);
  });
});

describe('an inbox rule', () => {
  const folders = new Map([
    ['AAMkFolder=', 'conversationhistory'],
    ['AAMkRss=', 'RSS Feeds'],
  ]);
  const parse = (actions: Json, over: Json = {}) =>
    entity('inbox_rule', {
      mailboxId: ANNA,
      rule: { id: 'AQAAAJ5dZqA=', displayName: '.', isEnabled: true, actions, ...over },
      folders,
    });

  it('is named by mailbox and rule, and lists what it does and to whom', () => {
    const { id, json, scalars } = parse({
      forwardTo: [{ emailAddress: { name: 'x', address: ' Drop@Mailbox.TEST ' } }],
      markAsRead: true,
      moveToFolder: 'AAMkFolder=',
      delete: false,
      stopProcessingRules: true,
    });
    expect(id).toBe(`${ANNA}/AQAAAJ5dZqA=`);
    expect(json['actions']).toEqual([
      { action: 'forward', target: 'drop@mailbox.test' },
      { action: 'mark_read', target: '' },
      { action: 'move', target: 'conversationhistory' },
      { action: 'stop', target: '' },
    ]);
    const key = { mailbox_id: ANNA, rule_id: 'AQAAAJ5dZqA=' };
    expect(scalars.inbox_rule).toEqual([{ ...key, name: '.', enabled: 1 }]);
    expect(scalars.rule_action?.[0]).toEqual({
      ...key,
      action: 'forward',
      target: 'drop@mailbox.test',
      target_domain: 'mailbox.test',
    });
    expect(scalars.rule_action?.[2]?.target_domain).toBeNull();
  });

  it.each([
    [{ redirectTo: [{ emailAddress: { address: 'a@b.test' } }] }, 'redirect', 'a@b.test'],
    [
      { forwardAsAttachmentTo: [{ emailAddress: { address: 'a@b.test' } }] },
      'forward_attachment',
      'a@b.test',
    ],
    [{ forwardTo: [{ emailAddress: { name: 'Sales Team' } }] }, 'forward', 'sales team'],
    [{ permanentDelete: true }, 'permanent_delete', ''],
    [{ copyToFolder: 'AAMkRss=' }, 'copy', 'rss feeds'],
    [{ moveToFolder: 'AAMkUnknownId=' }, 'move', 'AAMkUnknownId='],
  ])('with %j does %s to "%s"', (actions, action, target) => {
    expect(parse(actions).json['actions']).toEqual([{ action, target }]);
  });

  it('keeps the words and addresses it looks for', () => {
    const conditions = {
      subjectContains: ['Invoice', 'hacked'],
      bodyOrSubjectContains: ['invoice'],
      fromAddresses: [{ emailAddress: { address: 'Bank@Bank.test' } }],
      hasAttachments: true,
    };
    expect(parse({ delete: true }, { conditions }).json['conditions']).toEqual([
      'bank@bank.test',
      'hacked',
      'invoice',
    ]);
  });

  it('of another shape than Microsoft writes does no harm', () => {
    expect(parse({ forwardTo: 'x', delete: 'yes', moveToFolder: 3 }, { conditions: [] }).json).toMatchObject({
      actions: [],
      conditions: [],
    });
    expect(entityKinds.get('inbox_rule')?.parse({ mailboxId: ANNA, rule: { displayName: 'x' } }).ok).toBe(
      false,
    );
    expect(entityKinds.get('inbox_rule')?.parse({ rule: { id: 'x' } }).ok).toBe(false);
  });
});

describe('a mail address', () => {
  it.each([
    ['x@muster.example', false],
    ['x@MUSTER.example', false],
    ['x@muster.example.', false],
    ['x@sub.muster.example', true],
    ['x@muster.example.evil.test', true],
    ['x@notmuster.example', true],
    ['"x@muster.example"@evil.test', true],
    ['x@gmail.test', true],
    ['sales team', false],
  ])('%s is outside: %s', (address, outside) => {
    expect(isOutside(address, ['muster.example'])).toBe(outside);
  });

  it.each([
    ['SMTP:A@B.example', 'a@b.example'],
    [' <a@b.example> ', 'a@b.example'],
    ['', null],
    [null, null],
  ])('%s is spelt %s', (value, address) => {
    expect(mailAddress(value)).toBe(address);
  });
});

describe('the tenant', () => {
  it('has its verified domains in lower case', () => {
    const raw = {
      id: '8f6b2c1e-1111-4222-8333-944455556666',
      displayName: 'Muster Bau',
      verifiedDomains: [
        { name: 'Muster.example', isDefault: true, isInitial: false },
        { name: 'muster.onmicrosoft.example', isDefault: false, isInitial: true },
        { isDefault: false },
      ],
    };
    const { json, scalars } = entity('organization', raw);
    expect(json).toMatchObject({
      domains: ['muster.example', 'muster.onmicrosoft.example'],
      default_domain: 'muster.example',
      initial_domain: 'muster.onmicrosoft.example',
    });
    expect(scalars.own_domain).toEqual([
      { domain: 'muster.example' },
      { domain: 'muster.onmicrosoft.example' },
    ]);
  });

  it('has subscriptions by SKU id, with the plans that are on', () => {
    const raw = {
      id: `x_${SKU}`,
      skuId: SKU.toUpperCase(),
      skuPartNumber: 'O365_BUSINESS_PREMIUM',
      capabilityStatus: 'Enabled',
      consumedUnits: 2,
      prepaidUnits: { enabled: 5 },
      servicePlans: [
        { servicePlanName: 'EXCHANGE_S_STANDARD', provisioningStatus: 'Success' },
        { servicePlanName: 'SWAY', provisioningStatus: 'Disabled' },
      ],
    };
    const { id, json, scalars } = entity('subscribed_sku', raw);
    expect(id).toBe(SKU);
    expect(json).toMatchObject({
      sku: 'O365_BUSINESS_PREMIUM',
      plans: ['EXCHANGE_S_STANDARD'],
      state: 'Enabled',
    });
    expect(scalars.subscribed_sku).toEqual([{ sku: 'O365_BUSINESS_PREMIUM', consumed: 2, enabled: 5 }]);
  });

  it('has role definitions that know their template', () => {
    const raw = {
      id: 'A',
      templateId: GLOBAL_ADMINISTRATOR,
      displayName: 'Global Administrator',
      isBuiltIn: true,
    };
    expect(entity('role_definition', raw).json).toEqual({
      template_id: GLOBAL_ADMINISTRATOR,
      name: 'Global Administrator',
      built_in: true,
      enabled: null,
    });
  });

  it.each([...entityKinds.keys()])('refuses a %s that is no object, without throwing', (kind) => {
    for (const raw of [null, undefined, [], 'x', 4, {}])
      expect(entityKinds.get(kind)?.parse(raw).ok).toBe(false);
  });
});
