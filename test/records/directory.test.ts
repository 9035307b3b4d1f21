import { describe, expect, it } from 'vitest';
import type { EntityRecord } from '../../src/model/entity.ts';
import { appPermission, changeEvent, entityKinds, permissionApis } from '../../src/records/index.ts';
import { DIRECTORY_PROPERTIES } from '../../src/records/data/directory-fields.ts';
import { ANNA, GLOBAL_ADMINISTRATOR, type Json } from './wire.ts';

const APP = '3c000000-1111-4222-8333-000000000001';
const KEY = '4d000000-1111-4222-8333-000000000001';
const GROUP = '5e000000-1111-4222-8333-000000000001';
const GRAPH = '00000003-0000-0000-c000-000000000000';

function entity(kind: string, raw: unknown): EntityRecord {
  const answer = entityKinds.get(kind)?.parse(raw);
  if (answer?.ok !== true) throw new Error(answer?.reason ?? `no kind ${kind}`);
  return answer.value;
}

function application(over: Json = {}): Json {
  return {
    id: APP.toUpperCase(),
    appId: GRAPH,
    displayName: ' Form ',
    createdDateTime: '2025-01-02T03:04:05Z',
    signInAudience: 'AzureADMyOrg',
    publisherDomain: 'Muster.example',
    verifiedPublisher: { displayName: null, verifiedPublisherId: null },
    requiredResourceAccess: [
      {
        resourceAppId: GRAPH,
        resourceAccess: [
          { id: ANNA, type: 'Scope' },
          { id: KEY, type: 'Role' },
        ],
      },
    ],
    web: { redirectUris: ['https://b.example', 'https://a.example'] },
    spa: { redirectUris: ['https://a.example'] },
    owners: [{ '@odata.type': '#microsoft.graph.user', id: ANNA.toUpperCase() }],
    passwordCredentials: [
      {
        keyId: KEY,
        displayName: 'secret',
        hint: 'abc',
        secretText: 'abcdefghij',
        startDateTime: '2025-01-02T00:00:00Z',
        endDateTime: '2026-01-02T00:00:00Z',
      },
    ],
    keyCredentials: [
      { keyId: KEY, displayName: 'CN=x', key: 'MIIB', type: 'AsymmetricX509Cert', usage: 'Verify' },
      { displayName: 'without an id' },
    ],
    ...over,
  };
}

describe('an application', () => {
  it('is reduced to what is read; of a secret nothing but its name and its dates', () => {
    const { id, json } = entity('application', application());
    expect(id).toBe(APP);
    expect(json).toEqual({
      app_id: GRAPH,
      name: 'Form',
      created_at: Date.UTC(2025, 0, 2, 3, 4, 5),
      audience: 'AzureADMyOrg',
      publisher_domain: 'muster.example',
      verified_publisher: null,
      redirect_uris: ['https://a.example', 'https://b.example'],
      requested: [`${GRAPH}/${ANNA}`, `${GRAPH}/${KEY}`].sort(),
      owners: [ANNA],
      secrets: [
        { key_id: KEY, name: 'secret', start_at: Date.UTC(2025, 0, 2), end_at: Date.UTC(2026, 0, 2) },
      ],
      certificates: [
        {
          key_id: KEY,
          name: 'CN=x',
          start_at: null,
          end_at: null,
          type: 'AsymmetricX509Cert',
          usage: 'Verify',
        },
      ],
    });
    expect(JSON.stringify(json)).not.toMatch(/abc|MIIB/);
  });

  it('is the same whatever the order of its lists', () => {
    const keys = [KEY, ANNA, APP].map((keyId) => ({ keyId }));
    const one = entity('application', application({ passwordCredentials: keys }));
    const other = entity('application', application({ passwordCredentials: keys.toReversed() }));
    expect(JSON.stringify(one.json)).toBe(JSON.stringify(other.json));
  });

  it('has no owners where they were not read, and an empty list where there are none', () => {
    expect(entity('application', application({ owners: undefined })).json['owners']).toBeNull();
    expect(entity('application', application({ owners: [] })).json['owners']).toEqual([]);
  });
});

describe('a federated credential', () => {
  const credential = { id: KEY, name: 'git', issuer: 'https://i', subject: 's', audiences: ['b', 'a'] };

  it('belongs to its application', () => {
    expect(entity('federated_credential', { applicationId: APP, credential })).toMatchObject({
      id: `${APP}/${KEY}`,
      json: { application_id: APP, issuer: 'https://i', federated_subject: 's', audiences: ['a', 'b'] },
    });
  });

  it.each([{ credential }, { applicationId: APP, credential: {} }, { applicationId: APP }, null])(
    'is refused as %j',
    (raw) => {
      expect(entityKinds.get('federated_credential')?.parse(raw).ok).toBe(false);
    },
  );
});

describe('a service principal', () => {
  it('says whose application it is', () => {
    const { json } = entity('service_principal', {
      id: APP,
      appId: GRAPH,
      displayName: 'App',
      appOwnerOrganizationId: ANNA.toUpperCase(),
      accountEnabled: false,
      tags: ['b', 'a'],
      verifiedPublisher: { displayName: 'Firm', verifiedPublisherId: '1' },
      keyCredentials: [{ keyId: KEY, usage: 'Sign' }],
    });
    expect(json).toMatchObject({
      app_id: GRAPH,
      owner_tenant: ANNA,
      enabled: false,
      tags: ['a', 'b'],
      verified_publisher: 'Firm',
      certificates: [{ key_id: KEY, usage: 'Sign' }],
      secrets: [],
    });
  });
});

describe('a permission grant', () => {
  it.each([
    ['AllPrincipals', 'all'],
    ['Principal', 'one'],
    ['Everybody', null],
  ])('%s is for %s', (consentType, consent) => {
    const raw = { id: 'aB', clientId: APP, consentType, scope: ' User.Read  Mail.Read User.Read' };
    expect(entity('oauth2_grant', raw)).toMatchObject({
      id: 'aB',
      json: { client_id: APP, consent, principal_id: null, scopes: ['Mail.Read', 'User.Read'] },
    });
  });

  it('does not differ by the times that Microsoft fills in', () => {
    const raw = { id: 'a', clientId: APP, scope: 'x' };
    const later = { ...raw, expiryTime: '2030-01-01T00:00:00Z', startTime: '2020-01-01T00:00:00Z' };
    expect(entity('oauth2_grant', later)).toEqual(entity('oauth2_grant', raw));
  });
});

describe('a permission of an application', () => {
  const raw = { id: 'x', principalId: APP, principalType: 'ServicePrincipal', resourceAppId: GRAPH };

  it.each([
    ['9e3f62cf-ca93-4989-b6ce-bf83c28f9fe8', 'RoleManagement.ReadWrite.Directory', 'tier-0'],
    ['DF021288-BDEF-4463-88DB-98F22DE89214', 'User.Read.All', 'directory-read'],
    ['99999999-9999-4999-8999-999999999999', 'New.Read.All', null],
    ['00000000-0000-0000-0000-000000000000', 'New.Read.All', null],
  ])('%s is %s (%s)', (appRoleId, permission, risk) => {
    const { json } = entity('app_role_assignment', { ...raw, appRoleId, appRoleValue: 'New.Read.All' });
    expect(json).toMatchObject({ principal_kind: 'sp', permission, risk, role_id: appRoleId.toLowerCase() });
  });

  it('is known of eleven APIs', () => {
    expect(permissionApis).toHaveLength(11);
    expect(permissionApis[0]).toBe(GRAPH);
    expect(appPermission(GRAPH.toUpperCase(), '62a82d76-70ea-41e2-9197-370581804d09')?.name).toBe(
      'Group.ReadWrite.All',
    );
  });
});

describe('a group', () => {
  it('can hold roles only where it says so', () => {
    const of = (over: Json) => entity('group', { id: GROUP, displayName: 'G', ...over }).json;
    expect(of({ isAssignableToRole: true })['role_assignable']).toBe(true);
    expect(of({ isAssignableToRole: null })['role_assignable']).toBe(false);
    expect(of({ groupTypes: ['Unified', 'DynamicMembership'] })).toMatchObject({
      name: 'G',
      group_types: ['DynamicMembership', 'Unified'],
      membership_rule: null,
      membership_rule_on: false,
    });
  });

  it.each([
    ['#microsoft.graph.user', 'user'],
    ['#microsoft.graph.servicePrincipal', 'sp'],
    ['#microsoft.graph.group', 'group'],
    ['#microsoft.graph.device', 'device'],
    ['#microsoft.graph.new', null],
  ])('has a member that is a %s: %s', (type, member_kind) => {
    const member = { '@odata.type': type, id: ANNA, displayName: 'Anna', userPrincipalName: 'a@b.example' };
    const found = entity('group_member', { groupId: GROUP, member });
    const row = { group_id: GROUP, member_id: ANNA, member_kind };
    expect(found).toMatchObject({ id: `${GROUP}/${ANNA}`, scalars: { group_member: [row] } });
    expect(found.json).toEqual({ ...row, member_name: 'Anna', member_upn: 'a@b.example' });
  });
});

describe('an instance of PIM', () => {
  const raw = {
    id: 'i-1',
    principalId: ANNA,
    roleDefinitionId: GLOBAL_ADMINISTRATOR,
    directoryScopeId: '/',
    principal: { '@odata.type': '#microsoft.graph.group', id: ANNA, displayName: 'Admins' },
    memberType: 'Group',
    startDateTime: '2026-01-01T00:00:00Z',
    endDateTime: null,
  };

  it('of who may switch a role on names holder, role and span', () => {
    expect(entity('role_eligibility', raw)).toEqual({
      kind: 'role_eligibility',
      id: 'i-1',
      json: {
        principal_id: ANNA,
        principal_kind: 'group',
        principal_name: 'Admins',
        principal_upn: null,
        role_template_id: GLOBAL_ADMINISTRATOR,
        role: 'Global Administrator',
        tier: 0,
        scope: '/',
        member_type: 'group',
        start_at: Date.UTC(2026, 0, 1),
        end_at: null,
      },
      scalars: {},
    });
  });

  it('of a role that is held says whether it was switched on', () => {
    const held = { ...raw, assignmentType: 'Activated', roleAssignmentOriginId: 'o' };
    expect(entity('role_assignment_schedule', held).json).toMatchObject({
      assignment_type: 'activated',
      origin_id: 'o',
    });
    expect(
      entityKinds.get('role_assignment_schedule')?.parse({ ...held, principalId: null, principal: null }).ok,
    ).toBe(false);
  });
});

describe('a change of these', () => {
  it.each([
    ['group_member', { member_id: ANNA, member_kind: 'user' }, ANNA],
    ['group_member', { member_id: ANNA, member_kind: 'sp' }, null],
    ['oauth2_grant', { principal_id: ANNA }, ANNA],
    ['role_eligibility', { principal_id: ANNA, principal_kind: 'user' }, ANNA],
    ['app_role_assignment', { principal_id: ANNA, principal_kind: 'sp' }, null],
    ['application', { name: 'x' }, null],
  ])('of kind %s is about %j: %s', (kind, after, userId) => {
    const change = { kind, op: 'added' as const, id: 'x', before: null, after, from: 1, to: 2 };
    expect(changeEvent(change).userId).toBe(userId);
  });

  it('carries each property that a parser gives', () => {
    const known = new Set(DIRECTORY_PROPERTIES.map((name) => name.split('.')[0]));
    const given = [
      entity('application', application()),
      entity('service_principal', { id: APP }),
      entity('oauth2_grant', { id: 'a', clientId: APP }),
      entity('app_role_assignment', { id: 'a', principalId: APP }),
      entity('group', { id: GROUP }),
      entity('group_member', { groupId: GROUP, member: { id: ANNA } }),
    ].flatMap(({ json }) => Object.keys(json));
    const others = ['name', 'created_at', 'enabled', 'mail', 'synced', 'deleted_at', 'principal_id'];
    const shared = new Set([...others, 'principal_kind', 'principal_name']);
    expect(given.filter((name) => !known.has(name) && !shared.has(name))).toEqual([]);
  });
});
