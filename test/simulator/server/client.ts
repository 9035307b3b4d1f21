import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, fetch } from 'undici';
import { startSimulator } from '../../../src/simulator/server/index.ts';
import type { Ready, SimulatorOptions } from '../../../src/simulator/server/index.ts';
import type { Raw, World } from '../../../src/simulator/world.ts';
import { guid, NOW, smallWorld } from './world.ts';

export interface Reply {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: Raw;
  /** `error.code`, or the token endpoint's AADSTS number. */
  readonly code: unknown;
  readonly message: string;
}

/** A running simulator and a client of it that knows nothing but HTTPS. */
export interface Fixture {
  readonly ready: Ready;
  readonly pem: string;
  /** Any request; the path may be absolute. */
  ask(
    url: string,
    init?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Reply>;
  /** A token by secret. Throws when it is refused. */
  token(tenant: string): Promise<string>;
  postToken(tenant: string, form: Record<string, string>): Promise<Reply>;
  /** GET on Graph with a token. `target` after the origin, or a next link. */
  get(token: string, target: string, headers?: Record<string, string>): Promise<Reply>;
  control(path: string, body?: unknown, method?: string): Promise<Reply>;
  advance(ms: number): Promise<void>;
  report(): Promise<{
    early_returns: Raw[];
    throttled: number;
    requests: Record<string, number>;
    tokens_issued: number;
  }>;
  close(): Promise<void>;
}

export async function startFixture(
  world: World = smallWorld(),
  more: Pick<SimulatorOptions, 'names'> = {},
): Promise<Fixture> {
  const directory = mkdtempSync(join(tmpdir(), 'simulator-test-'));
  const simulator = await startSimulator(world, { clock: NOW, port: 0, directory, ...more });
  const { ready } = simulator;
  const pem = readFileSync(ready.ca_file, 'utf8');
  const dispatcher = new Agent({ connect: { ca: pem } });
  const ask: Fixture['ask'] = async (url, init = {}) => {
    const response = await fetch(url, { ...init, dispatcher });
    const text = await response.text();
    return reply(response.status, response.headers, text);
  };
  const postToken: Fixture['postToken'] = (tenant, form) =>
    ask(`${ready.authority}/${tenant}/oauth2/v2.0/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    });
  const control: Fixture['control'] = (path, body, method = body === undefined ? 'GET' : 'POST') =>
    ask(`${ready.control}/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    ready,
    pem,
    ask,
    postToken,
    control,
    async token(tenant) {
      const answer = await postToken(tenant, secretForm(ready, tenant));
      if (answer.status !== 200) throw new Error(`token for ${tenant}: ${answer.message}`);
      return String(answer.body['access_token']);
    },
    get: (token, target, headers = {}) =>
      ask(target.startsWith('https:') ? target : `${ready.graph}${target}`, {
        headers: { ...headers, authorization: `Bearer ${token}` },
      }),
    async advance(ms) {
      const { body } = await ask(ready.clock);
      const to = Number(body['now_ms']) + ms;
      await ask(`${ready.clock}/advance-to`, { method: 'POST', body: JSON.stringify({ to_ms: to }) });
    },
    report: async () => (await control('report')).body as unknown as Awaited<ReturnType<Fixture['report']>>,
    async close() {
      await dispatcher.close();
      await simulator.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The form of an ordinary client-credentials request. */
export function secretForm(ready: Ready, tenant: string): Record<string, string> {
  return {
    grant_type: 'client_credentials',
    client_id: guid(9, 1),
    client_secret: ready.tenants.find(({ id }) => id === tenant)?.secret ?? '',
    scope: `${ready.graph}/.default`,
  };
}

function reply(status: number, headers: Reply['headers'], text: string): Reply {
  const body = text.startsWith('{') ? (JSON.parse(text) as Raw) : { text };
  const { error } = body;
  if (typeof error === 'object' && error !== null) {
    const { code, message } = error as Raw;
    return { status, headers, body, code, message: String(message) };
  }
  const codes = body['error_codes'];
  const code = Array.isArray(codes) ? codes[0] : null;
  return { status, headers, body, code, message: String(body['error_description'] ?? '') };
}

export function valueOf(answer: Reply): Raw[] {
  return answer.body['value'] as Raw[];
}

/** Follows next links to the end; gives the pages. */
export async function readAll(fixture: Fixture, token: string, target: string): Promise<Reply[]> {
  const pages: Reply[] = [];
  for (let next: unknown = target; typeof next === 'string'; next = pages.at(-1)?.body['@odata.nextLink']) {
    const page = await fixture.get(token, next);
    if (page.status !== 200) throw new Error(`read ${next}: ${page.status} ${page.message}`);
    pages.push(page);
  }
  return pages;
}
