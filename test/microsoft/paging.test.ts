import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GraphError } from '../../src/errors.ts';
import { caught, collect, NOW, open, startServer, type Reply, type TestServer } from './server.ts';

const WHAT = { what: 'read users', needs: 'User.Read.All' };
const PATH = '/v1.0/users';

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
beforeEach(() => server.reset());
afterAll(() => server.close());

function page(records: unknown[], links: Record<string, unknown> = {}): Reply {
  return {
    headers: { 'request-id': `r-${records.length}` },
    body: { '@odata.context': 'x', value: records, ...links },
  };
}

function next(query: string): Record<string, unknown> {
  return { '@odata.nextLink': `${server.origin}${PATH}?${query}` };
}

describe('pages', () => {
  it('come one by one, with links sent letter by letter and headers repeated', async () => {
    const odd = '$skiptoken=b&a=1&$filter=u%20eq%20%27https://x.example//y%27&a=2&$top=3';
    server.on('GET', PATH, page([1, 2], next(odd)), page([3]));
    const { graph } = open(server);
    const o = {
      ...WHAT,
      headers: { ConsistencyLevel: 'eventual', Prefer: 'return=minimal' },
      query: { $count: 'true' },
    };
    const pages = graph.pages('/users', o);
    const first = await pages.next();
    expect(server.count(PATH)).toBe(1);
    expect(first.value).toEqual({
      records: [1, 2],
      nextLink: `${server.origin}${PATH}?${odd}`,
      deltaLink: null,
      requestId: 'r-2',
      startedAt: NOW,
    });
    expect((await collect(pages)).map((p) => p.records)).toEqual([[3]]);
    const [one, two] = server.seen.filter((seen) => seen.path === PATH);
    expect(one?.url).toBe(`${PATH}?$count=true`);
    expect(two?.url).toBe(`${PATH}?${odd}`);
    for (const seen of [one, two]) {
      expect(seen?.headers['consistencylevel']).toBe('eventual');
      expect(seen?.headers['prefer']).toBe('include-unknown-enum-members, return=minimal');
    }
    await graph.close();
  });

  it('of a delta round end with its link, from which the next round goes on', async () => {
    const delta = `${server.origin}${PATH}/delta?$deltatoken=t1`;
    server.on(
      'GET',
      `${PATH}/delta`,
      page([1], { '@odata.deltaLink': delta }),
      page([], { '@odata.deltaLink': delta }),
    );
    const { graph } = open(server);
    const [first] = await collect(graph.pages('/users/delta', WHAT));
    expect(first?.deltaLink).toBe(delta);
    const [second] = await collect(graph.followDelta(first?.deltaLink ?? '', WHAT));
    expect(second?.records).toEqual([]);
    expect(server.seen.at(-1)?.url).toBe(`${PATH}/delta?$deltatoken=t1`);
    await graph.close();
  });

  it('are told when they were read, not when they were first asked for', async () => {
    const busy = { status: 429, headers: { 'retry-after': '7' } };
    server.on('GET', PATH, page([1], next('a')), busy, page([2]));
    const { graph } = open(server);
    const pages = await collect(graph.pages('/users', WHAT));
    expect(pages.map((p) => p.startedAt - NOW)).toEqual([0, 7000]);
    await graph.close();
  });
});

describe('a link that leads elsewhere', () => {
  const elsewhere = (evil: string): string[] => [
    `${evil}/v1.0/users?$skiptoken=x`,
    `https://user:pw@${new URL(server.origin).host}/v1.0/users`,
    `${server.origin.replace('https', 'http')}/v1.0/users`,
    `${server.origin}/beta/users`,
    `${server.origin}/v1.0/../beta/users`,
    `${server.origin}/v1.0/%2e%2e/beta/users`,
    `${server.origin}/v1.0`,
    `${server.origin}.evil.example/v1.0/users`,
    '/v1.0/users?$skiptoken=x',
    'not a link',
  ];

  it('is an error of its page: nothing is sent there, and the page is not given out', async () => {
    const evil = await startServer();
    for (const link of [...elsewhere(evil.origin), '', 7]) {
      for (const name of ['@odata.nextLink', '@odata.deltaLink']) {
        server.on('GET', PATH, page([1], { [name]: link }), page([2]));
        const before = server.count(PATH);
        const { graph } = open(server);
        const error = (await caught(collect(graph.pages('/users', WHAT)))) as GraphError;
        expect([link, error.code, error.requestId]).toEqual([link, 'foreign_link', 'r-1']);
        expect(server.count(PATH)).toBe(before + 1);
        await graph.close();
      }
    }
    expect(evil.seen).toEqual([]);
    expect(evil.connections()).toBe(0);
    await evil.close();
  });

  it('is refused by followDelta before even a token is asked for', async () => {
    const evil = await startServer();
    const { graph } = open(server);
    for (const link of elsewhere(evil.origin)) {
      const error = (await caught(collect(graph.followDelta(link, WHAT)))) as GraphError;
      expect([link, error.code]).toEqual([link, 'foreign_link']);
    }
    expect(server.seen).toEqual([]);
    expect(evil.connections()).toBe(0);
    await graph.close();
    await evil.close();
  });

  it('says the place and what is read instead', async () => {
    server.on('GET', PATH, page([1], { '@odata.nextLink': 'https://evil.example/v1.0/users' }));
    const { graph } = open(server);
    expect((await caught(collect(graph.pages('/users', WHAT)))).message).toBe(
      `read users: Graph sent a link that leads elsewhere (evil.example) (request-id r-1); only ${server.origin}/v1.0/ is read; nothing was sent there`,
    );
    await graph.close();
  });
});

describe('a broken collection', () => {
  it('that sends the same link again is stopped', async () => {
    server.on('GET', PATH, page([1], next('a')), page([2], next('b')), page([3], next('a')), page([4]));
    const { graph } = open(server);
    const read: unknown[] = [];
    const run = async (): Promise<void> => {
      for await (const one of graph.pages('/users', WHAT)) read.push(...one.records);
    };
    expect(((await caught(run())) as GraphError).code).toBe('link_loop');
    expect(read).toEqual([1, 2]);
    expect(server.count(PATH)).toBe(3);
    await graph.close();
  });

  it.each<[string, Reply]>([
    ['no value', { headers: { 'request-id': 'r-7' }, body: { '@odata.context': 'x' } }],
    ['a value that is no list', { headers: { 'request-id': 'r-7' }, body: { value: {} } }],
    ['truncated JSON', { headers: { 'request-id': 'r-7' }, body: '{"value":[{"id"' }],
  ])('with %s fails with the request-id', async (_name, reply) => {
    server.on('GET', PATH, page([1], next('a')), reply);
    const { graph } = open(server);
    const pages = graph.pages('/users', WHAT);
    await pages.next();
    const error = (await caught(pages.next())) as GraphError;
    expect({ code: error.code, requestId: error.requestId }).toEqual({ code: 'malformed', requestId: 'r-7' });
    await graph.close();
  });
});
