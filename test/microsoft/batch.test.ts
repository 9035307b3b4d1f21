import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GraphError } from '../../src/errors.ts';
import type { BatchAnswer, BatchRequest } from '../../src/microsoft/index.ts';
import { isNoMailbox, isPermissionRefusal } from '../../src/microsoft/index.ts';
import { caught, NOW, open, startServer, type Answerer, type Seen, type TestServer } from './server.ts';

const WHAT = { what: 'read inbox rules', needs: 'MailboxSettings.Read' };
const PATH = '/v1.0/$batch';

interface Part {
  id: string;
  method: string;
  url: string;
  headers?: Record<string, string>;
}

let server: TestServer;
beforeAll(async () => void (server = await startServer()));
beforeEach(() => server.reset());
afterAll(() => server.close());

function partsOf(seen: Seen): Part[] {
  return (JSON.parse(seen.body) as { requests: Part[] }).requests;
}

function posts(): Part[][] {
  return server.seen.filter((seen) => seen.path === PATH).map(partsOf);
}

/** Answers each part, in reverse order. */
function answering(answer: (part: Part) => Record<string, unknown> | null): Answerer {
  return (seen) => {
    const responses = partsOf(seen).flatMap((part) => {
      const own = answer(part);
      return own === null ? [] : [{ id: part.id, ...own }];
    });
    return { headers: { 'request-id': 'r-batch' }, body: { responses: responses.reverse() } };
  };
}

const fine = (part: Part): Record<string, unknown> => ({ status: 200, body: { value: [part.id] } });

function rules(count: number, mailbox = (i: number): number => i): BatchRequest[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `q${i}`,
    path: `/users/u${mailbox(i)}/mailFolders/inbox/messageRules`,
  }));
}

function errorOf(answer: BatchAnswer | undefined): GraphError {
  if (!answer || answer.ok) throw new Error('no error');
  return answer.error;
}

describe('a batch', () => {
  it('holds at most twenty parts; answers are found by id in any order', async () => {
    server.on('POST', PATH, answering(fine));
    const { graph } = open(server);
    const answers = await graph.batch(rules(45), WHAT);
    expect(posts().map((parts) => parts.length)).toEqual([20, 20, 5]);
    expect(answers.size).toBe(45);
    expect(answers.get('q37')).toEqual({
      ok: true,
      body: { value: ['q37'] },
      requestId: 'r-batch',
      startedAt: NOW,
    });
    expect(graph.requests()).toBe(3);
    await graph.close();
  });

  it('sends relative URLs without the version, encoded, with headers per part', async () => {
    server.on('POST', PATH, answering(fine));
    const { graph } = open(server);
    const request = {
      id: 'a',
      path: '/users/u/x',
      query: { $filter: "u eq 'https://x//y&z'" },
      headers: { A: 'b' },
    };
    await graph.batch([request], WHAT);
    expect(posts()[0]).toEqual([
      {
        id: 'a',
        method: 'GET',
        url: "/users/u/x?$filter=u%20eq%20'https%3A%2F%2Fx%2F%2Fy%26z'",
        headers: { Prefer: 'include-unknown-enum-members', A: 'b' },
      },
    ]);
    await graph.close();
  });

  it('of Outlook has at most four parts of one mailbox', async () => {
    server.on('POST', PATH, answering(fine));
    const { graph } = open(server);
    await graph.batch(
      rules(12, (i) => i % 2),
      { ...WHAT, quota: 'outlook' },
    );
    expect(posts().map((parts) => parts.length)).toEqual([8, 4]);
    for (const parts of posts()) {
      expect(parts.filter((part) => part.url.startsWith('/users/u0/')).length).toBeLessThanOrEqual(4);
    }
    await graph.close();
  });

  it('of reports has as many parts as the quota takes, since each counts', async () => {
    server.on('POST', PATH, answering(fine));
    const { graph, elapsed } = open(server);
    await graph.batch(rules(12), { ...WHAT, quota: 'reports' });
    expect(posts().map((parts) => parts.length)).toEqual([5, 5, 2]);
    expect(elapsed()).toBeGreaterThanOrEqual(20_000);
    await graph.close();
  });

  it('repeats throttled and failed parts alone, after the longest Retry-After', async () => {
    let round = 0;
    server.on('POST', PATH, (seen) => {
      round += 1;
      return answering((part) => {
        if (round > 1) return fine(part);
        if (part.id === 'q1')
          return {
            status: 429,
            headers: { 'Retry-After': '30' },
            body: { error: { code: 'TooManyRequests' } },
          };
        if (part.id === 'q2') return { status: 503, headers: { 'retry-after': '600' }, body: {} };
        if (part.id === 'q3') return { status: 500, body: {} };
        return fine(part);
      })(seen);
    });
    const { graph, elapsed } = open(server);
    const answers = await graph.batch(rules(5), WHAT);
    expect(posts().map((parts) => parts.map((part) => part.id))).toEqual([
      ['q0', 'q1', 'q2', 'q3', 'q4'],
      ['q1', 'q2', 'q3'],
    ]);
    expect(elapsed()).toBe(600_000);
    expect([...answers.values()].every((answer) => answer.ok)).toBe(true);
    expect(answers.get('q0')).toMatchObject({ startedAt: NOW });
    expect(answers.get('q1')).toMatchObject({ startedAt: NOW + 600_000 });
    await graph.close();
  });

  it('backs off where no part says how long', async () => {
    let round = 0;
    server.on('POST', PATH, (seen) =>
      answering(() => (round++ === 0 ? { status: 429 } : fine({ id: 'q0' } as Part)))(seen),
    );
    const { graph, elapsed } = open(server);
    await graph.batch(rules(1), WHAT);
    expect(elapsed()).toBe(999);
    await graph.close();
  });

  it('a throttled part holds everybody of its class back', async () => {
    let round = 0;
    server.on('POST', PATH, (seen) =>
      answering((part) => (round++ === 0 ? { status: 429, headers: { 'Retry-After': '60' } } : fine(part)))(
        seen,
      ),
    );
    server.on('GET', '/v1.0/groups', { body: { value: [] } });
    const { graph, clock } = open(server);
    await graph.batch(rules(1), WHAT);
    const answer = await graph.get('/groups', { what: 'read groups' });
    expect(answer.startedAt - NOW).toBe(60_000);
    expect(clock.now() - NOW).toBe(60_000);
    await graph.close();
  });

  it('gives a part that stays refused as an error, after the budget', async () => {
    server.on(
      'POST',
      PATH,
      answering((part) => (part.id === 'q0' ? { status: 503, body: {} } : fine(part))),
    );
    const { graph } = open(server);
    const answers = await graph.batch(rules(2), WHAT);
    expect(errorOf(answers.get('q0')).status).toBe(503);
    expect(answers.get('q1')?.ok).toBe(true);
    await graph.close();
  });

  it('gives refusals per part, in words', async () => {
    const refuse: Record<string, Record<string, unknown>> = {
      q0: {
        status: 404,
        headers: { 'request-id': 'r-0' },
        body: { error: { code: 'MailboxNotEnabledForRESTAPI', message: 'x' } },
      },
      q1: {
        status: 403,
        body: {
          error: { code: 'Authorization_RequestDenied', message: 'x', innerError: { 'request-id': 'r-1' } },
        },
      },
      q2: { status: 200, body: 'bm8gSlNPTg==' },
      q3: { status: 'odd' },
      q5: { status: 200, body: {} },
    };
    server.on(
      'POST',
      PATH,
      answering((part) => refuse[part.id] ?? null),
    );
    const { graph, elapsed } = open(server);
    const answers = await graph.batch(rules(6), WHAT);
    expect(isNoMailbox(errorOf(answers.get('q0')))).toBe(true);
    expect(errorOf(answers.get('q0')).requestId).toBe('r-0');
    expect(isPermissionRefusal(errorOf(answers.get('q1')))).toBe(true);
    expect(errorOf(answers.get('q1')).message).toMatch(
      /^read inbox rules: Graph answered 403 .*; grant MailboxSettings.Read$/,
    );
    expect(errorOf(answers.get('q2')).code).toBe('malformed');
    expect(errorOf(answers.get('q3')).code).toBe('malformed');
    // No empty list: an inbox would seem to have lost its rules.
    expect(errorOf(answers.get('q5')).code).toBe('malformed');
    expect(errorOf(answers.get('q4')).message).toBe(
      'read inbox rules: Graph left a part of a batch unanswered (request-id r-batch)',
    );
    expect(elapsed()).toBe(0);
    await graph.close();
  });

  it('reads a part that has more pages to its end', async () => {
    const path = '/v1.0/users/u0/mailFolders/inbox/messageRules';
    server.on(
      'POST',
      PATH,
      answering(() => ({
        status: 200,
        body: { value: [1], '@odata.nextLink': `${server.origin}${path}?$skip=1` },
      })),
    );
    server.on(
      'GET',
      path,
      { body: { value: [2], '@odata.nextLink': `${server.origin}${path}?$skip=2` } },
      { body: { value: [3] } },
    );
    const { graph } = open(server);
    const answers = await graph.batch(rules(1), { ...WHAT, headers: { X: 'y' } });
    expect(answers.get('q0')).toMatchObject({ ok: true, body: { value: [1, 2, 3] } });
    expect(JSON.stringify(answers.get('q0'))).not.toContain('nextLink');
    expect(server.seen.at(-1)?.headers['x']).toBe('y');
    await graph.close();
  });

  it('gives a foreign link inside a part as its error and sends nothing there', async () => {
    const evil = await startServer();
    server.on(
      'POST',
      PATH,
      answering(() => ({ status: 200, body: { value: [1], '@odata.nextLink': `${evil.origin}/v1.0/x` } })),
    );
    const { graph } = open(server);
    const answers = await graph.batch(rules(1), WHAT);
    expect(errorOf(answers.get('q0')).code).toBe('foreign_link');
    expect(evil.connections()).toBe(0);
    await graph.close();
    await evil.close();
  });

  it('refused as a whole is thrown', async () => {
    server.on('POST', PATH, { status: 403, body: { error: { code: 'Authorization_RequestDenied' } } });
    const { graph } = open(server);
    expect(isPermissionRefusal(await caught(graph.batch(rules(2), WHAT)))).toBe(true);
    await graph.close();
  });

  it('throttled as a whole is repeated after its own Retry-After', async () => {
    server.on('POST', PATH, { status: 429, headers: { 'retry-after': '45' } }, answering(fine));
    const { graph, elapsed } = open(server);
    expect((await graph.batch(rules(2), WHAT)).get('q1')?.ok).toBe(true);
    expect(elapsed()).toBe(45_000);
    await graph.close();
  });

  it.each([{}, { responses: {} }])('answered with %j is malformed', async (body) => {
    server.on('POST', PATH, { body });
    const { graph } = open(server);
    expect(((await caught(graph.batch(rules(1), WHAT))) as GraphError).code).toBe('malformed');
    await graph.close();
  });

  it('with two equal ids is refused unsent', async () => {
    const { graph } = open(server);
    const twice = [...rules(1), ...rules(1)];
    expect(await caught(graph.batch(twice, WHAT))).toBeInstanceOf(TypeError);
    expect(server.seen).toEqual([]);
    await graph.close();
  });

  it('for one object takes no answer that says nothing of it', async () => {
    const bodies: Record<string, unknown> = {
      q0: {},
      q1: { '@odata.context': 'x' },
      q2: { timeZone: 'UTC' },
    };
    server.on(
      'POST',
      PATH,
      answering((part) => ({ status: 200, body: bodies[part.id] })),
    );
    const { graph } = open(server);
    const asked = rules(3).map((request) => ({ ...request, one: true as const }));
    const answers = await graph.batch(asked, WHAT);
    expect(errorOf(answers.get('q0')).code).toBe('malformed');
    expect(errorOf(answers.get('q1')).code).toBe('malformed');
    expect(answers.get('q2')?.ok).toBe(true);
    await graph.close();
  });

  it('of nothing asks nothing', async () => {
    const { graph } = open(server);
    expect((await graph.batch([], WHAT)).size).toBe(0);
    expect(server.seen).toEqual([]);
    await graph.close();
  });
});
