import { logSources } from '../records/index.ts';
import { NO_COVERAGE, type Coverage, type Hole } from '../sigma/index.ts';
import { currentCapabilities } from '../store/capabilities.ts';
import type { Db } from '../store/database.ts';
import { coverageOfSource } from '../store/ledger.ts';
import { readStates } from '../store/read-states.ts';
import { unite } from '../store/spans.ts';
import type { Detection, Part } from './catalogue.ts';
import { shortHash } from './correlation-rows.ts';
import { rulesUnder } from './link-parts.ts';

/** What was read of the sources under a correlation; the hash is of its beginning and its holes. */
export interface ReadCoverage extends Coverage {
  readonly hash: string;
}

/** Of sources that were never read. */
export const NOTHING_READ: ReadCoverage = { ...NO_COVERAGE, hash: '' };

/** Coverage by correlation. */
export type Coverages = ReadonlyMap<string, ReadCoverage>;

/**
 * How far the sources under each correlation have been read, for one tenant. Taken before events are detected: what is
 * read meanwhile has not been judged yet, and its watermark must not speak for it.
 */
export async function readCoverages(
  db: Db,
  tenantId: string,
  detections: readonly Detection[],
): Promise<Coverages> {
  const known = new Map<string, Coverage | null>();
  const coverages = new Map<string, ReadCoverage>();
  const correlated = detections.flatMap(({ parts }) =>
    parts.filter((part) => part.correlation !== null).map((part) => ({ part, parts })),
  );
  if (correlated.length === 0) return coverages;
  const capabilities = await currentCapabilities(db, tenantId);
  const isOff = (source: string): boolean =>
    (capabilities.get(`source:${source}`)?.state ?? 'full') !== 'full';
  for (const { part, parts } of correlated) {
    const sources = new Set(rulesUnder(part, parts).flatMap((rule) => sourcesOf(rule, isOff)));
    for (const source of sources)
      if (!known.has(source)) known.set(source, await coverageOf(db, tenantId, source));
    coverages.set(part.id, withHash(together([...sources].map((source) => known.get(source) ?? null))));
  }
  return coverages;
}

/** The log sources that bring a rule's records, those that stand in for one that is off in its place; else none. */
function sourcesOf(rule: Part, isOff: (source: string) => boolean): string[] {
  if (rule.feed === 'changes') return rule.sources.filter((source) => !isOff(source));
  const { feed } = rule;
  if (feed === null) return [];
  const own = logSources.get(feed)?.broughtBy ?? [feed];
  const on = own.filter((source) => rule.sources.includes(source) && !isOff(source));
  if (on.length > 0) return on;
  return [...logSources.values()].flatMap(({ standsIn }) =>
    standsIn !== undefined && own.includes(standsIn.forSource) && !isOff(standsIn.bySource)
      ? [standsIn.bySource]
      : [],
  );
}

async function coverageOf(db: Db, tenantId: string, source: string): Promise<Coverage | null> {
  if (!isLog(source)) return coverageOfReads(db, tenantId, source);
  // What was off was not read either, so that it is a hole until somebody reads it after all.
  return coverageOfSource(db, tenantId, source);
}

function isLog(source: string): boolean {
  return [...logSources].some(([feed, { broughtBy }]) => (broughtBy ?? [feed]).includes(source));
}

/** A state source tells of everything between two reads, so that it has no holes: known since its first ok read. */
async function coverageOfReads(db: Db, tenantId: string, source: string): Promise<Coverage | null> {
  const states = [...(await readStates(db, tenantId, source)).values()];
  const ok = states.map((state) => state.okAt).filter((at) => at !== null);
  return ok.length === 0 ? null : { watermark: Math.min(...ok), holes: [] };
}

/** Everything that all of them have; nothing is known where one has not been read yet. */
function together(coverages: readonly (Coverage | null)[]): Coverage {
  const known = coverages.filter((one) => one !== null);
  if (known.length === 0 || known.length < coverages.length) return NO_COVERAGE;
  const beginnings = known.flatMap((one) => one.from ?? []);
  const watermark = Math.min(...known.map((one) => one.watermark));
  const holes: Hole[] = unite(known.flatMap((one) => one.holes))
    .filter((hole) => hole.from < watermark)
    .map((hole) => ({ from: hole.from, to: Math.min(hole.to, watermark) }));
  return { watermark, holes, ...(beginnings.length === 0 ? {} : { from: Math.max(...beginnings) }) };
}

function withHash(coverage: Coverage): ReadCoverage {
  return { ...coverage, hash: shortHash(JSON.stringify([coverage.from ?? null, coverage.holes])) };
}
