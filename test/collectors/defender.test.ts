import { describe, expect, it } from 'vitest';
import { collectors, skipReason, type LogCollector } from '../../src/collectors/index.ts';
import { GraphError } from '../../src/errors.ts';
import type { Graph, RequestOptions } from '../../src/microsoft/index.ts';
import type { Cloud } from '../../src/model/tenant.ts';

const SPAN = { from: Date.UTC(2026, 10, 24, 7), to: Date.UTC(2026, 10, 24, 8) };
const PAGE = { records: [], nextLink: null, deltaLink: null, requestId: null, startedAt: 0 };

function source(name: string): LogCollector {
  const found = collectors.find((one) => one.source === name);
  if (found?.kind !== 'log') throw new Error(`no log ${name}`);
  return found;
}

function refusal(status: number, code: string): GraphError {
  return new GraphError(`read: Graph answered ${status} ${code}`, {
    status,
    code,
    requestId: 'r1',
    retryAfterMs: null,
    advice: '',
  });
}

interface Scene {
  readonly cloud?: Cloud;
  readonly roles?: readonly string[];
  /** What each request meets in turn; after the last one, pages come. */
  readonly errors?: readonly GraphError[];
}

/** A Graph that answers by a script: what a cloud or an old token does cannot be had of the simulator. */
function scripted({ cloud = 'global', roles = [], errors = [] }: Scene) {
  const asked: { path: string; options: RequestOptions }[] = [];
  const graph = {
    cloud,
    roles: async () => [...roles],
    async *pages(path: string, options: RequestOptions) {
      asked.push({ path, options });
      const error = errors[asked.length - 1];
      if (error !== undefined) throw error;
      yield PAGE;
    },
  } as unknown as Graph;
  return { graph, asked };
}

async function read(name: string, graph: Graph): Promise<unknown> {
  const options = { signal: new AbortController().signal, signInsApi: 'auto' } as const;
  try {
    let pages = 0;
    for await (const page of source(name).pages(graph, SPAN, options)) pages += page.records.length + 1;
    return pages;
  } catch (error) {
    return error;
  }
}

const FORBIDDEN = refusal(403, 'Forbidden');
const DENIED = refusal(403, 'Authorization_RequestDenied');
const SOURCES = [
  ['defender-alerts', 'SecurityAlert', '/security/alerts_v2', '100'],
  ['defender-incidents', 'SecurityIncident', '/security/incidents', '50'],
] as const;

describe.each(SOURCES)('%s', (name, role, path, top) => {
  it('asks for a span of the last update, in pages of a size that is allowed', async () => {
    const { graph, asked } = scripted({});
    expect(await read(name, graph)).toBe(1);
    expect(asked).toEqual([
      {
        path,
        options: expect.objectContaining({
          quota: 'security',
          query: {
            $filter:
              'lastUpdateDateTime ge 2026-11-24T07:00:00Z and lastUpdateDateTime le 2026-11-24T08:00:00Z',
            $top: top,
          },
        }) as unknown,
      },
    ]);
  });

  it.each<[string, Scene, boolean | null, string | null, number]>([
    ['without the permission', { errors: [DENIED] }, true, 'no_permission', 1],
    [
      'with it, refused twice, with a plan',
      { roles: [`${role}.Read.All`], errors: [DENIED, FORBIDDEN] },
      true,
      'not_configured',
      2,
    ],
    [
      'with it, refused twice, without a plan',
      { roles: [`${role}.Read.All`], errors: [FORBIDDEN, DENIED] },
      false,
      'no_licence',
      2,
    ],
    [
      'with one that includes it',
      { roles: [`${role}.ReadWrite.All`], errors: [FORBIDDEN, FORBIDDEN] },
      null,
      'no_licence',
      2,
    ],
    [
      'with it, and another trouble the second time',
      { roles: [`${role}.Read.All`], errors: [FORBIDDEN, refusal(503, 'busy')] },
      true,
      null,
      2,
    ],
    [
      'another trouble at once',
      { roles: [`${role}.Read.All`], errors: [refusal(400, 'BadRequest')] },
      true,
      null,
      1,
    ],
    ['in China', { cloud: 'china', roles: [`${role}.Read.All`] }, true, 'unsupported_cloud', 0],
  ])('%s is what it is called', async (_what, scene, licensed, reason, requests) => {
    const { graph, asked } = scripted(scene);
    expect(skipReason(await read(name, graph), licensed)).toBe(reason);
    expect(asked).toHaveLength(requests);
  });

  it('is read where only the first answer was a refusal: the token was older than the consent', async () => {
    const { graph, asked } = scripted({ roles: [`${role}.Read.All`], errors: [FORBIDDEN] });
    expect(await read(name, graph)).toBe(1);
    expect(asked).toHaveLength(2);
  });

  it.each<Cloud>(['global', 'gcc_high', 'dod'])('is asked for in %s', async (cloud) => {
    expect(await read(name, scripted({ cloud }).graph)).toBe(1);
  });

  it('says in one sentence what was asked, what came back and what to do', async () => {
    const { graph } = scripted({ roles: [`${role}.Read.All`], errors: [FORBIDDEN, FORBIDDEN] });
    const error = await read(name, graph);
    expect(String(error)).toMatch(
      /^GraphError: read the Defender \w+: Graph answered 403 Forbidden twice \(request-id r1\) although the token holds Security\w+\.Read\.All: the tenant is not onboarded to Microsoft Defender, or not licensed for it; onboard it/,
    );
  });
});
