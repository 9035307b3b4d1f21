import type { AssessmentState } from '../model/outcome.ts';
import { logSources } from '../records/index.ts';
import type { Assessment } from '../store/assessments.ts';
import { currentCapabilities } from '../store/capabilities.ts';
import { latestOrigin } from '../store/context.ts';
import type { Db } from '../store/database.ts';
import { readStates, type SourceReads } from '../store/read-states.ts';
import type { Catalogue, Detection, Part } from './catalogue.ts';
import type { Plan } from './plan.ts';

/** Why a part was not evaluated: a source or a field, and a word of a closed list (a skip reason among them). */
export interface Missing {
  readonly without: string;
  readonly why: string;
}

/** What one tenant lets us see. */
export interface Sight {
  /** Source name to why it is not read; sources that are read are not in it. */
  readonly unread: ReadonlyMap<string, string>;
  /** Fields of the rules that the tenant's present origins do not carry, by part id. */
  readonly fields: ReadonlyMap<string, readonly Missing[]>;
  readonly reads: ReadonlyMap<string, SourceReads>;
}

/** Reads what every source of the catalogue can do in this tenant now. */
export async function lookAround(db: Db, catalogue: Catalogue, tenantId: string, plan: Plan): Promise<Sight> {
  const capabilities = await currentCapabilities(db, tenantId);
  const unread = new Map<string, string>();
  const reads = new Map<string, SourceReads>();
  const sources = catalogue.detections.flatMap((one) => one.sources);
  for (const source of new Set([...sources, 'users'])) {
    const capability = capabilities.get(`source:${source}`);
    const off = capability !== undefined && capability.state !== 'full';
    if (off) unread.set(source, capability.reason ?? 'off');
    if (logSources.has(source)) continue;
    const states = await readStates(db, tenantId, source);
    reads.set(source, states);
    const everRead = [...states.values()].some((state) => state.okAt !== null);
    if (!everRead && !off) unread.set(source, 'not_read_yet');
  }
  return { unread, reads, fields: await missingFields(db, tenantId, plan) };
}

/** Fields are judged by the newest record of each feed; before the first, by the richest origin that it may have. */
async function missingFields(db: Db, tenantId: string, plan: Plan): Promise<Map<string, readonly Missing[]>> {
  const missing = new Map<string, readonly Missing[]>();
  for (const [feed, source] of logSources) {
    const richest = Object.values(source.origins).sort((a, b) => b.rank - a.rank)[0];
    const origin = (await latestOrigin(db, tenantId, feed)) ?? richest?.name;
    if (origin === undefined) continue;
    for (const skipped of plan.of(origin).skipped) {
      const list = skipped.without.map(({ field, why }) => ({ without: field, why }));
      missing.set(skipped.part.id, list);
    }
  }
  return missing;
}

/** Full when every part can be evaluated, off when none can, reduced otherwise. */
export function assess(detection: Detection, sight: Sight): Assessment {
  const missing = detection.parts.map((part) => missingOf(part, sight));
  const blind = missing.filter((list) => list.length > 0).length;
  const state: AssessmentState = blind === 0 ? 'full' : blind === detection.parts.length ? 'off' : 'reduced';
  const distinct = new Map(missing.flat().map((one) => [one.without, one]));
  const reason = distinct.size === 0 ? null : JSON.stringify([...distinct.values()]);
  return { detectionId: detection.id, state, reason };
}

/** Empty when the part can be evaluated. */
export function missingOf(part: Part, sight: Sight): Missing[] {
  const sources = part.sources.flatMap((source) => {
    const why = sight.unread.get(source);
    return why === undefined ? [] : [{ without: source, why }];
  });
  return [...sources, ...(sight.fields.get(part.id) ?? [])];
}
