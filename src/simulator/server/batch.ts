import { z } from 'zod';
import type { Raw } from '../world.ts';
import { badRequest } from './errors.ts';
import type { Answer, GraphRequest } from './exchange.ts';
import { shuffled } from './random.ts';
import type { Simulation } from './simulation.ts';

/** JSON batching (concepts/json-batching.md, graph-facts 18). */
const batchBody = z.object({
  requests: z.array(
    z.object({
      id: z.string().min(1),
      method: z.string(),
      url: z.string().min(1),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.unknown().optional(),
      dependsOn: z.array(z.string()).optional(),
    }),
  ),
});

type Part = z.infer<typeof batchBody>['requests'][number];
type Ask = (simulation: Simulation, request: GraphRequest) => Promise<Answer>;

const MAX_PARTS = 20;

/** Answers every part by itself; the outer status is 200 whatever becomes of them. Throws 400 for a bad envelope. */
export async function answerBatch(simulation: Simulation, outer: GraphRequest, ask: Ask): Promise<Raw> {
  if (outer.part) throw badRequest('Batch requests cannot be nested.');
  if (outer.method !== 'POST') throw badRequest('A batch request must be a POST.');
  const parts = readParts(outer.body);
  const answers = new Map<string, Promise<Answer>>();
  for (const part of parts) {
    const before = (part.dependsOn ?? []).map((id) => answers.get(id));
    if (before.includes(undefined))
      throw badRequest(`Request '${part.id}' depends on a request that does not precede it.`);
    answers.set(
      part.id,
      answerPart(
        simulation,
        outer,
        part,
        before.filter((answer) => answer !== undefined),
        ask,
      ),
    );
  }
  const responses = await Promise.all([...answers].map(async ([id, answer]) => responseOf(id, await answer)));
  return { responses: shuffled(responses, simulation.fraction) };
}

function readParts(text: string): readonly Part[] {
  const parsed = batchBody.safeParse(parseJson(text));
  if (!parsed.success) throw badRequest('Invalid batch payload format.');
  const { requests } = parsed.data;
  if (requests.length > MAX_PARTS) {
    throw badRequest(`Number of batch request steps exceeds the maximum value of ${MAX_PARTS}.`);
  }
  const seen = new Set<string>();
  for (const { id } of requests) {
    if (seen.has(id)) throw badRequest(`Request id '${id}' is used more than once; ids must be unique.`);
    seen.add(id);
  }
  return requests;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

async function answerPart(
  simulation: Simulation,
  outer: GraphRequest,
  part: Part,
  before: readonly Promise<Answer>[],
  ask: Ask,
): Promise<Answer> {
  const failed = (await Promise.all(before)).some(({ status }) => status >= 400);
  if (failed) return failedDependency();
  const headers = new Map(
    Object.entries(part.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return ask(simulation, {
    method: part.method.toUpperCase(),
    version: outer.version,
    // An absolute URL or one with the version in it finds no resource, as with the real service.
    target: part.url.replace(/^\//, ''),
    header: (name) => headers.get(name) ?? (name === 'authorization' ? outer.header(name) : undefined),
    body: part.body === undefined ? '' : JSON.stringify(part.body),
    number: outer.number,
    part: true,
  });
}

function failedDependency(): Answer {
  const error = { code: 'FailedDependency', message: 'A request that this request depends on has failed.' };
  return { status: 424, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ error }) };
}

function responseOf(id: string, { status, headers, body }: Answer): Raw {
  const kept = Object.entries(headers).filter(([name]) => !/^(date|x-ms-ags-diagnostic)$/i.test(name));
  return { id, status, headers: Object.fromEntries(kept), body: parseJson(body) ?? body };
}
