import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Raw } from '../../../src/simulator/world.ts';
import { readAll, startFixture, valueOf, type Fixture, type Reply } from './client.ts';
import { DAY, FREE, guid, PREMIUM, userId } from './world.ts';

let fixture: Fixture;
let token: string;

const APP = guid(20, 1);
const GRAPH_PRINCIPAL = guid(21, 1);
const PRINCIPAL = guid(21, 2);
const GROUP = guid(22, 1);
const NESTED = guid(22, 2);

const change = (body: object): Promise<Reply> => fixture.control(`tenants/${PREMIUM}`, body);
const put = (collection: string, value: Raw) => change({ put_object: { collection, value } });

beforeAll(async () => {
  fixture = await startFixture();
  await change({ add_roles: ['Application.Read.All'] });
  await put('applications', {
    id: APP,
    appId: guid(20, 9),
    displayName: 'Form',
    keyCredentials: [],
    owners: Array.from({ length: 25 }, (_none, n) => userId(n)),
    federatedIdentityCredentials: [{ id: guid(23, 1), name: 'github', issuer: 'https://i', subject: 's' }],
  });
  await put('applications', { id: guid(20, 2), appId: guid(20, 8), displayName: 'Plain', owners: [] });
  await put('servicePrincipals', {
    id: GRAPH_PRINCIPAL,
    appId: '00000003-0000-0000-c000-000000000000',
    displayName: 'Microsoft Graph',
    appRoles: [{ id: guid(24, 1), value: 'New.Read.All' }],
    keyCredentials: [{ keyId: guid(25, 1) }],
  });
  await put('servicePrincipals', { id: PRINCIPAL, appId: guid(20, 9), displayName: 'Form' });
  await put('appRoleAssignments', {
    id: 'a1',
    appRoleId: guid(24, 1),
    principalId: PRINCIPAL,
    resourceId: GRAPH_PRINCIPAL,
  });
  await put('oauth2Grants', {
    id: 'g1',
    clientId: PRINCIPAL,
    consentType: 'AllPrincipals',
    scope: ' User.Read',
  });
  await put('groups', {
    id: GROUP,
    displayName: 'Admins',
    isAssignableToRole: true,
    members: [userId(1), NESTED],
  });
  await put('groups', { id: NESTED, displayName: 'Inner', members: [userId(2), PRINCIPAL] });
  token = await fixture.token(PREMIUM);
});
afterAll(() => fixture.close());

const get = (target: string, headers = {}) => fixture.get(token, `/v1.0/${target}`, headers);

describe('applications', () => {
  it('come without owners, unless they are expanded, and then with 20 at most', async () => {
    const [plain] = valueOf(await get('applications'));
    expect(plain).not.toHaveProperty('owners');
    expect(plain).not.toHaveProperty('federatedIdentityCredentials');
    const [whole] = valueOf(await get('applications?$select=id,appId&$expand=owners($select=id)'));
    expect(Object.keys(whole ?? {})).toEqual(['id', 'appId', 'owners']);
    expect(whole?.['owners']).toHaveLength(20);
    expect((whole?.['owners'] as Raw[])[0]).toEqual({
      '@odata.type': '#microsoft.graph.user',
      id: userId(0),
    });
    expect(valueOf(await get(`applications/${APP}/owners?$select=id&$top=999`))).toHaveLength(25);
  });

  it('know which have federated credentials as an advanced query only', async () => {
    const filter = 'applications?$filter=federatedIdentityCredentials/$count ne 0&$count=true&$select=id';
    expect((await get(filter)).status).toBe(400);
    expect(valueOf(await get(filter, { ConsistencyLevel: 'eventual' }))).toEqual([{ id: APP }]);
    expect(valueOf(await get(`applications/${APP}/federatedIdentityCredentials`))[0]).toMatchObject({
      name: 'github',
    });
  });

  it('keep their federated credentials from whoever may only read the directory', async () => {
    await change({ remove_roles: ['Application.Read.All'] });
    const other = await fixture.token(PREMIUM);
    const path = `/v1.0/applications/${APP}/federatedIdentityCredentials`;
    expect((await fixture.get(other, path)).status).toBe(403);
    expect((await fixture.get(other, '/v1.0/applications')).status).toBe(200);
    await change({ add_roles: ['Application.Read.All'] });
  });

  it.each([
    'applications?$select=colour',
    'applications?$expand=colours',
    'applications?$top=1000',
    'applications?$skip=1',
    "servicePrincipals?$filter=displayName ne 'x'",
    `servicePrincipals?$filter=appId in (${Array.from({ length: 16 }, () => "'x'").join(',')})`,
  ])('answer 400 to %s', async (target) => {
    expect((await get(target)).status).toBe(400);
  });
});

describe('service principals', () => {
  it('are found by a list of appIds, and show key credentials to whoever selects them', async () => {
    const list = "servicePrincipals?$filter=appId in ('00000003-0000-0000-c000-000000000000','x')";
    const [graph] = valueOf(await get(`${list}&$select=id,appId`));
    expect(graph).toEqual({ id: GRAPH_PRINCIPAL, appId: '00000003-0000-0000-c000-000000000000' });
    expect(valueOf(await get(list))[0]).not.toHaveProperty('keyCredentials');
    expect(valueOf(await get(`${list}&$select=keyCredentials`))[0]?.['keyCredentials']).toHaveLength(1);
  });

  it('tell who was given their roles, and their roles', async () => {
    const given = valueOf(await get(`servicePrincipals/${GRAPH_PRINCIPAL}/appRoleAssignedTo?$top=999`));
    expect(given.map(({ id }) => id)).toEqual(['a1']);
    expect(valueOf(await get(`servicePrincipals/${PRINCIPAL}/appRoleAssignments`))).toHaveLength(1);
    const one = await get(`servicePrincipals/${GRAPH_PRINCIPAL}?$select=id,appRoles`);
    expect(one.body['appRoles']).toHaveLength(1);
    expect((await get(`servicePrincipals/${guid(1, 77)}`)).status).toBe(404);
  });

  it('hide grants from whoever may only read applications', async () => {
    expect(valueOf(await get('oauth2PermissionGrants'))).toHaveLength(1);
    await change({ remove_roles: ['Directory.Read.All'] });
    const other = await fixture.token(PREMIUM);
    expect((await fixture.get(other, '/v1.0/oauth2PermissionGrants')).status).toBe(403);
    await change({ add_roles: ['Directory.Read.All'] });
  });
});

describe('groups', () => {
  it('list members, and all of the nested ones when asked for', async () => {
    const ids = async (name: string) =>
      valueOf(await get(`groups/${GROUP}/${name}?$select=id,displayName`)).map(({ id }) => id);
    expect(await ids('members')).toEqual([userId(1), NESTED]);
    expect(await ids('transitiveMembers')).toEqual([userId(1), NESTED, userId(2), PRINCIPAL]);
    const [first] = valueOf(await get(`groups/${GROUP}/members?$select=id`));
    expect(first).toEqual({ '@odata.type': '#microsoft.graph.user', id: userId(1) });
  });

  it('by delta tell what changed, and nothing of who is in them', async () => {
    const [page] = await readAll(fixture, token, '/v1.0/groups/delta?$select=id,displayName');
    const link = String(page?.body['@odata.deltaLink']);
    expect(page && valueOf(page)).toHaveLength(2);
    await put('groups', { id: GROUP, members: [] });
    expect(valueOf(await fixture.get(token, link))).toEqual([]);
    await put('groups', { id: GROUP, displayName: 'Renamed' });
    expect(valueOf(await fixture.get(token, link))).toEqual([{ id: GROUP, displayName: 'Renamed' }]);
    await change({ delete_object: { collection: 'groups', id: NESTED } });
    expect(valueOf(await fixture.get(token, link))).toContainEqual({
      id: NESTED,
      '@removed': { reason: 'changed' },
    });
    const users = link.replace('/groups/', '/users/');
    expect((await fixture.get(token, users)).status).toBe(400);
    await fixture.advance(8 * DAY);
    token = await fixture.token(PREMIUM);
    expect((await fixture.get(token, link)).status).toBe(410);
  });
});

describe('PIM', () => {
  const path = 'roleManagement/directory/roleEligibilityScheduleInstances';

  it('refuses a tenant without P2 with 400, licensed for P1 or not', async () => {
    for (const tenant of [PREMIUM, FREE]) {
      const answer = await fixture.get(await fixture.token(tenant), `/v1.0/${path}`);
      expect([answer.status, answer.code]).toEqual([400, 'AadPremiumLicenseRequired']);
    }
  });

  it('shows who may switch a role on, and for every role held how', async () => {
    await change({ licence: 'p2' });
    const value = { id: 'e1', principalId: userId(1), roleDefinitionId: guid(10, 2), directoryScopeId: '/' };
    await put('roleEligibility', value);
    token = await fixture.token(PREMIUM);
    const [eligible] = valueOf(await get(`${path}?$expand=principal`));
    expect(eligible).toMatchObject({ id: 'e1', principal: { '@odata.type': '#microsoft.graph.user' } });
    const held = await get('roleManagement/directory/roleAssignmentScheduleInstances');
    expect(valueOf(held)[0]).toMatchObject({ principalId: userId(1), assignmentType: 'Assigned' });
    await change({ licence: 'p1' });
  });
});
