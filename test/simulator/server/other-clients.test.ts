import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Raw } from '../../../src/simulator/world.ts';
import { secretForm, startFixture, valueOf } from './client.ts';
import type { Fixture, Reply } from './client.ts';
import { guid, PREMIUM, smallWorld, userId } from './world.ts';

/** Requests that the CLI for Microsoft 365 sends and that our own client has no use for. */

let fixture: Fixture;
let token: string;

const change = (body: object): Promise<Reply> => fixture.control(`tenants/${PREMIUM}`, body);
const put = (collection: string, value: Raw) => change({ put_object: { collection, value } });

beforeAll(async () => {
  fixture = await startFixture();
  await change({ licence: 'p2' });
  const [security, unified, list] = [guid(40, 1), guid(40, 2), guid(40, 3)];
  const owned = { owners: [userId(1)], members: [] };
  await put('groups', { id: security, securityEnabled: true, mailEnabled: false, groupTypes: [], ...owned });
  await put('groups', { id: unified, securityEnabled: false, mailEnabled: true, groupTypes: ['Unified'] });
  await put('groups', { id: list, securityEnabled: false, mailEnabled: true, groupTypes: [] });
  await put('servicePrincipals', { id: guid(41, 1), displayName: 'Tagged', tags: ['A', 'B'] });
  await put('servicePrincipals', { id: guid(41, 2), displayName: 'Own', appId: guid(9, 1), tags: [] });
  token = await fixture.token(PREMIUM);
});
afterAll(() => fixture.close());

function claimsOf(issued: string): Raw {
  return JSON.parse(Buffer.from(issued.split('.')[1] ?? '', 'base64url').toString()) as Raw;
}

describe('tokens', () => {
  it('name the service principal of the app', () => {
    expect(claimsOf(token)).toMatchObject({ oid: guid(41, 2), sub: guid(41, 2) });
  });

  it('name one and the same where the directory shows none', async () => {
    const other = await startFixture();
    const oids = await Promise.all([1, 2].map(async () => claimsOf(await other.token(PREMIUM))['oid']));
    await other.close();
    expect(oids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(oids[1]).toBe(oids[0]);
  });
});

describe('filters', () => {
  const groups: [string, number[]][] = [
    ['$filter=securityEnabled eq true and mailEnabled eq false', [1]],
    ["$filter=groupTypes/any(c:c+eq+'Unified')", [2]],
    ["$count=true&$filter=mailEnabled eq true and not(groupTypes/any(t:t eq 'Unified'))", [3]],
    ['$count=true&$filter=not (securityEnabled eq true or mailEnabled eq false)', [2, 3]],
  ];
  it.each(groups)('of groups: %s', async (query, found) => {
    const answer = await fixture.get(token, `/v1.0/groups?${query}`, { consistencylevel: 'eventual' });
    expect(valueOf(answer).map(({ id }) => id)).toEqual(found.map((n) => guid(40, n)));
  });

  it('with not are an advanced query and refused without ConsistencyLevel', async () => {
    const query = "$count=true&$filter=not(groupTypes/any(t:t eq 'Unified'))";
    const answer = await fixture.get(token, `/v1.0/groups?${query}`);
    expect([answer.status, answer.code]).toEqual([400, 'Request_UnsupportedQuery']);
  });

  it('with not are refused by the logs, which know no such thing', async () => {
    const answer = await fixture.get(token, "/v1.0/auditLogs/signIns?$filter=not(appId eq 'x')", {
      consistencylevel: 'eventual',
    });
    expect(answer.status).toBe(400);
  });

  it('of service principals: by tag', async () => {
    const answer = await fixture.get(token, "/v1.0/servicePrincipals?$filter=(tags/any(t:t eq 'B'))");
    expect(valueOf(answer).map(({ id }) => id)).toEqual([guid(41, 1)]);
  });
});

describe('relations', () => {
  it('of a group: its owners, and nobody where none are set', async () => {
    const owners = await fixture.get(token, `/v1.0/groups/${guid(40, 1)}/Owners?$select=id,displayName`);
    expect(valueOf(owners)).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: userId(1), displayName: 'Person 1' },
    ]);
    expect(valueOf(await fixture.get(token, `/v1.0/groups/${guid(40, 2)}/owners`))).toEqual([]);
  });

  it('of a group are no properties of it', async () => {
    const [group] = valueOf(await fixture.get(token, `/v1.0/groups?$filter=id eq '${guid(40, 1)}'`));
    expect(group).not.toHaveProperty('owners');
  });

  it.each(['roleAssignments', 'roleAssignmentScheduleInstances'])(
    'of %s are expanded with a selection of their own',
    async (name) => {
      const answer = await fixture.get(
        token,
        `/v1.0/roleManagement/directory/${name}?$expand=roleDefinition($select=displayName),principal`,
      );
      const [held] = valueOf(answer);
      expect(held?.['roleDefinition']).toEqual({ displayName: 'Global Administrator' });
      expect(held?.['principal']).toMatchObject({
        id: userId(1),
        userPrincipalName: 'person1@muster.example',
      });
    },
  );

  it('of a service principal: the roles that it was given', async () => {
    await put('appRoleAssignments', { id: 'a1', principalId: guid(41, 2), resourceId: guid(41, 1) });
    const path = "/v1.0/servicePrincipals?$expand=appRoleAssignments&$filter=displayName eq 'Own'";
    const [own] = valueOf(await fixture.get(token, path));
    expect(own?.['appRoleAssignments']).toMatchObject([{ id: 'a1' }]);
  });

  it('of roles are refused by a name they do not have', async () => {
    const path = '/v1.0/roleManagement/directory/roleAssignments?$expand=owner($select=id)';
    expect(await fixture.get(token, path)).toMatchObject({ status: 400 });
  });
});

describe('a count', () => {
  it('is in the first of several pages and no other', async () => {
    const headers = { consistencylevel: 'eventual' };
    const first = await fixture.get(token, '/v1.0/users?$count=true&$top=200', headers);
    const second = await fixture.get(token, String(first.body['@odata.nextLink']), headers);
    expect([first, second].map(({ body }) => body['@odata.count'])).toEqual([250, undefined]);
  });
});

describe('registration details', () => {
  it.each([
    ['isMfaRegistered eq false', 249],
    ['isMfaRegistered eq true', 0],
  ])('are filtered by %s', async (filter, count) => {
    const base = '/v1.0/reports/authenticationMethods/userRegistrationDetails';
    expect(valueOf(await fixture.get(token, `${base}?$top=999&$filter=${filter}`))).toHaveLength(count);
  });
});

describe('odata.metadata=none', () => {
  const accept = { accept: 'application/json;odata.metadata=none' };

  it('leaves out context and types, and keeps links and counts', async () => {
    const page = await fixture.get(token, '/v1.0/users?$top=2&$count=true', {
      ...accept,
      consistencylevel: 'eventual',
    });
    expect(Object.keys(page.body).sort()).toEqual(['@odata.count', '@odata.nextLink', 'value'].sort());
    expect(page.headers.get('content-type')).toMatch(/odata\.metadata=none/);
    const owners = await fixture.get(token, `/v1.0/groups/${guid(40, 1)}/owners?$select=id`, accept);
    expect(owners.body).toEqual({ value: [{ id: userId(1) }] });
  });

  it('is no matter for those who do not ask for it', async () => {
    const page = await fixture.get(token, '/v1.0/users?$top=1', { accept: 'application/json' });
    expect(page.body).toHaveProperty(['@odata.context']);
  });
});

describe('times of the Management Activity API', () => {
  const TYPE = 'contentType=Audit.Exchange';

  it.each(['2026-11-24T00:00:00', '2026-11-24T00:00:00Z', '2026-11-24T00:00:00.000Z', '2026-11-24'])(
    'may be written as %s',
    async (start) => {
      const form = { ...secretForm(fixture.ready, PREMIUM), scope: `${fixture.ready.management}/.default` };
      const issued = await fixture.postToken(PREMIUM, form);
      const headers = { authorization: `Bearer ${String(issued.body['access_token'])}` };
      const base = `${fixture.ready.management}/api/v1.0/${PREMIUM}/activity/feed/subscriptions`;
      await fixture.ask(`${base}/start?${TYPE}`, { method: 'POST', headers });
      const list = `${base}/content?${TYPE}&startTime=${start}&endTime=2026-11-24T01:00:00`;
      expect(await fixture.ask(list, { headers })).toMatchObject({ status: 200, body: { text: '[]' } });
    },
  );
});

describe("Microsoft's names", () => {
  it('stand in links, issuers and audiences where that was asked for, not in what is printed', async () => {
    const other = await startFixture(smallWorld(), { names: 'microsoft' });
    expect(other.ready.graph).toMatch(/^https:\/\/localhost:/);
    const form = { ...secretForm(other.ready, PREMIUM), scope: 'https://graph.microsoft.com/.default' };
    const issued = String((await other.postToken(PREMIUM, form)).body['access_token']);
    const page = await other.get(issued, '/v1.0/users?$top=1');
    expect(page.body['@odata.nextLink']).toMatch(/^https:\/\/graph\.microsoft\.com\/v1\.0\/users\?/);
    const discovery = `${other.ready.authority}/${PREMIUM}/v2.0/.well-known/openid-configuration`;
    expect((await other.ask(discovery)).body).toMatchObject({
      issuer: `https://login.microsoftonline.com/${PREMIUM}/v2.0`,
      token_endpoint: `https://login.microsoftonline.com/${PREMIUM}/oauth2/v2.0/token`,
      msgraph_host: 'graph.microsoft.com',
    });
    await other.close();
  });
});
