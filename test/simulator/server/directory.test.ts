import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readAll, startFixture, valueOf } from './client.ts';
import type { Fixture, Reply } from './client.ts';
import { DAY, FREE, guid, PREMIUM, userId } from './world.ts';

let fixture: Fixture;
let token: string;

beforeAll(async () => {
  fixture = await startFixture();
});
beforeEach(async () => {
  token = await fixture.token(PREMIUM);
});
afterAll(() => fixture.close());

const change = (body: object): Promise<Reply> => fixture.control(`tenants/${PREMIUM}`, body);

describe('users', () => {
  it('come 100 a page with the default properties, and every one once', async () => {
    const pages = await readAll(fixture, token, '/v1.0/users');
    expect(pages.map((page) => valueOf(page).length)).toEqual([100, 100, 50]);
    const users = pages.flatMap(valueOf);
    expect(new Set(users.map(({ id }) => id)).size).toBe(250);
    expect(Object.keys(users[0] ?? {})).toHaveLength(11);
    expect(users[0]).not.toHaveProperty('accountEnabled');
  });

  it('come with what is selected, null or an empty list where nothing is set', async () => {
    const [user] = valueOf(
      await fixture.get(token, '/v1.0/users?$select=accountEnabled,proxyAddresses,department&$top=1'),
    );
    expect(user).toEqual({ id: userId(0), accountEnabled: true, proxyAddresses: [], department: null });
  });

  const filters: [string, number][] = [
    ['accountEnabled eq false', 1],
    ["userType eq 'Guest'", 1],
    ["startswith(displayName,'person 24')", 11],
    [`id eq '${userId(5)}' or id eq '${userId(6)}'`, 2],
  ];
  it.each(filters)('can be filtered by %s', async (text, count) => {
    const answer = await fixture.get(token, `/v1.0/users?$filter=${encodeURIComponent(text)}`);
    expect(valueOf(answer)).toHaveLength(count);
  });

  it('a page token may be asked again', async () => {
    const next = String((await fixture.get(token, '/v1.0/users?$top=5')).body['@odata.nextLink']);
    const [once, twice] = [await fixture.get(token, next), await fixture.get(token, next)];
    expect(valueOf(twice)).toEqual(valueOf(once));
  });
});

describe('users/delta', () => {
  const SELECT = '$select=id,displayName,accountEnabled,mail';

  /** Reads a round to its delta link. */
  async function round(target: string, headers = {}): Promise<{ items: unknown[]; link: string }> {
    const items: unknown[] = [];
    for (let next = target; ;) {
      const page = await fixture.get(token, next, headers);
      if (page.status !== 200) throw new Error(`${page.status} ${page.message}`);
      items.push(...valueOf(page));
      const link = page.body['@odata.deltaLink'];
      if (typeof link === 'string') return { items, link };
      next = String(page.body['@odata.nextLink']);
    }
  }

  it('first gives everybody in pages, without properties that are not set', async () => {
    const { items, link } = await round(`/v1.0/users/delta?${SELECT}`);
    expect(items).toHaveLength(250);
    expect(items[1]).toEqual({ id: userId(1), displayName: 'Person 1', accountEnabled: true });
    expect(link).toMatch(/users\/delta\?\$deltatoken=[\w-]+$/);
    expect((await round(link)).items).toEqual([]);
  });

  it('then tells who came, changed and went, and nothing of properties that were not selected', async () => {
    const { link } = await round('/v1.0/users/delta?$deltatoken=latest&' + SELECT);
    await change({ put_user: { id: userId(900), displayName: 'New', accountEnabled: true } });
    await change({ put_user: { id: userId(10), accountEnabled: false } });
    await change({ put_user: { id: userId(12), mail: null } });
    await change({ put_user: { id: userId(11), department: 'not selected' } });
    await change({ delete_user: userId(20) });
    await change({ delete_user: { id: userId(21), permanent: true } });
    const { items, link: next } = await round(link);
    expect(items).toEqual([
      { id: userId(10), displayName: 'Person 10', accountEnabled: false, mail: 'person10@muster.example' },
      { id: userId(12), displayName: 'Person 12', accountEnabled: true, mail: null },
      { id: userId(20), '@removed': { reason: 'changed' } },
      { id: userId(21), '@removed': { reason: 'deleted' } },
      { id: userId(900), displayName: 'New', accountEnabled: true },
    ]);
    expect((await round(next)).items).toEqual([]);
    expect((await round(link)).items).toEqual(items);
  });

  it('tells the changed properties alone when asked for the minimum', async () => {
    const { link } = await round(`/v1.0/users/delta?$deltatoken=latest&${SELECT}`);
    await change({ put_user: { id: userId(30), displayName: 'Renamed' } });
    const { items } = await round(link, { prefer: 'return=minimal' });
    expect(items).toEqual([{ id: userId(30), displayName: 'Renamed' }]);
  });

  it('does not track licenseAssignmentStates', async () => {
    const { link } = await round('/v1.0/users/delta?$deltatoken=latest&$select=id,licenseAssignmentStates');
    await change({ put_user: { id: userId(31), licenseAssignmentStates: [{ skuId: 'x' }] } });
    expect((await round(link)).items).toEqual([]);
  });

  it('can be limited to ids', async () => {
    const text = encodeURIComponent(`id eq '${userId(40)}' or id eq '${userId(41)}'`);
    expect((await round(`/v1.0/users/delta?$filter=${text}`)).items).toHaveLength(2);
  });

  it('a token lives seven days, then 410 points to a fresh start', async () => {
    const { link } = await round(`/v1.0/users/delta?$deltatoken=latest&${SELECT}`);
    await fixture.advance(7 * DAY - 1000);
    token = await fixture.token(PREMIUM);
    expect((await fixture.get(token, link)).status).toBe(200);
    await fixture.advance(1000);
    const gone = await fixture.get(token, link);
    expect([gone.status, gone.code]).toEqual([410, 'syncStateNotFound']);
    const location = gone.headers.get('location') ?? '';
    expect(location).toBe(`${fixture.ready.graph}/v1.0/users/delta?$deltatoken=`);
    expect((await round(location)).items.length).toBeGreaterThan(200);
  });

  it('refuses tokens that it did not give, or gave another tenant', async () => {
    expect((await fixture.get(token, '/v1.0/users/delta?$deltatoken=x')).status).toBe(400);
    const { link } = await round(`/v1.0/users/delta?$deltatoken=latest`);
    expect((await fixture.get(await fixture.token(FREE), link)).status).toBe(400);
  });
});

describe('roles', () => {
  it('are listed, with the principal where asked for', async () => {
    const target = '/v1.0/roleManagement/directory/roleAssignments';
    const [plain] = valueOf(await fixture.get(token, target));
    expect(plain).toEqual({
      id: 'assignment-1',
      principalId: userId(1),
      roleDefinitionId: guid(10, 1),
      directoryScopeId: '/',
    });
    const [expanded] = valueOf(await fixture.get(token, `${target}?$expand=principal`));
    expect(expanded?.['principal']).toMatchObject({
      '@odata.type': '#microsoft.graph.user',
      displayName: 'Person 1',
    });
    await change({
      put_role_assignment: { id: 'assignment-2', principalId: userId(2), roleDefinitionId: guid(10, 2) },
    });
    await change({ delete_role_assignment: 'assignment-1' });
    expect(valueOf(await fixture.get(token, target)).map(({ id }) => id)).toEqual(['assignment-2']);
  });

  it('definitions can be filtered by name', async () => {
    const filter = encodeURIComponent("displayName eq 'Global Administrator'");
    const target = `/v1.0/roleManagement/directory/roleDefinitions?$filter=${filter}`;
    expect(valueOf(await fixture.get(token, target)).map(({ id }) => id)).toEqual([guid(10, 1)]);
  });
});

describe('mailboxes', () => {
  it('have rules that come and go', async () => {
    const read = async (): Promise<unknown[]> => {
      const target = `/v1.0/users/person1@muster.example/mailFolders/inbox/messageRules`;
      return valueOf(await fixture.get(token, target)).map(({ id }) => id);
    };
    expect(await read()).toEqual(['rule-1']);
    await change({ put_message_rule: { user: userId(1), rule: { id: 'rule-2', displayName: '.' } } });
    await change({ delete_message_rule: { user: userId(1), id: 'rule-1' } });
    expect(await read()).toEqual(['rule-2']);
  });

  it('have folders by opaque id, by well-known name, but not RSS Feeds by name', async () => {
    const base = `/v1.0/users/${userId(1)}/mailFolders`;
    const pages = await readAll(fixture, token, `${base}?$top=3`);
    const folders = pages.flatMap(valueOf);
    expect(folders.map(({ displayName }) => displayName)).toContain('RSS Feeds');
    const rss = folders.find(({ displayName }) => displayName === 'RSS Feeds');
    expect((await fixture.get(token, `${base}/${rss?.['id']}`)).body['displayName']).toBe('RSS Feeds');
    expect((await fixture.get(token, `${base}/archive`)).body['displayName']).toBe('Archive');
    expect((await fixture.get(token, `${base}/rssfeeds`)).status).toBe(404);
  });
});

describe('licences', () => {
  it('show in the SKUs when a test changes them', async () => {
    const plans = async (): Promise<string> =>
      JSON.stringify(valueOf(await fixture.get(token, '/v1.0/subscribedSkus')));
    await change({ licence: 'p2' });
    expect(await plans()).toContain('eec0eb4f-6444-4f95-aba0-50c24d67f998');
    await change({ licence: 'free' });
    expect(await plans()).not.toContain('AAD_PREMIUM');
  });
});
