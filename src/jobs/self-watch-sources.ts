import { collectors, intervalOf } from '../collectors/index.ts';
import { currentCapabilities } from '../store/capabilities.ts';
import type { Db } from '../store/database.ts';
import { lagBetween } from '../store/lateness.ts';
import { ledgersOf, type LedgerRow } from '../store/ledger.ts';
import { activeHours, lastNewAt } from '../store/program-facts.ts';
import { programSources, type ProgramFacts, type ProgramSourceRow } from '../store/program.ts';
import { sourceStates, sumSince } from '../store/reads.ts';

type SourceFact = ProgramFacts['sources'][number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Four weeks hold four nights of every kind and four weekends: the longest pause among them is a usual one. */
const PROFILE_MS = 28 * DAY_MS;
/** The profile is measured anew once a day; in between only the last arrival moves. */
const PROFILE_AGE_MS = DAY_MS;
/** Throttling of this long is looked at together. */
const THROTTLED_MS = 6 * HOUR_MS;
/** What a source was behind is compared with a measure at least this old. */
const COMPARED_MS = HOUR_MS;

/** How every source is read: its pauses, its delays, and how far it is behind. */
export async function gatherSources(db: Db, tenantId: string, now: number): Promise<SourceFact[]> {
  const states = new Map((await sourceStates(db, tenantId)).map((row) => [row.source, row]));
  const capabilities = await currentCapabilities(db, tenantId);
  const ledgers = await ledgersOf(db, tenantId);
  const before = await programSources(db, tenantId);
  const throttled = await sumSince(db, tenantId, 'throttled', now - THROTTLED_MS);
  const facts: SourceFact[] = [];
  for (const collector of collectors) {
    const { source } = collector;
    const capability = capabilities.get(`source:${source}`);
    const known = before.get(source);
    facts.push({
      source,
      form: collector.kind,
      state: capability?.state ?? 'unknown',
      reason: capability?.reason ?? null,
      interval_ms: intervalOf(collector),
      last_ok_at: states.get(source)?.last_ok_at ?? null,
      throttled: throttled.get(source) ?? 0,
      ...(collector.kind === 'log' ? await measured(db, tenantId, source, known, now) : NOTHING),
      ...behind(ledgers.get(source), intervalOf(collector), known, now),
    });
  }
  return facts;
}

type Measured = Pick<
  SourceFact,
  | 'last_new_at'
  | 'longest_gap_ms'
  | 'active_hours'
  | 'history_ms'
  | 'profiled_at'
  | 'p95_ms'
  | 'records'
  | 'usual_p95_ms'
  | 'usual_records'
>;

const NOTHING: Measured = {
  last_new_at: null,
  longest_gap_ms: null,
  active_hours: 0,
  history_ms: 0,
  profiled_at: null,
  p95_ms: null,
  records: 0,
  usual_p95_ms: null,
  usual_records: 0,
};

async function measured(
  db: Db,
  tenantId: string,
  source: string,
  known: ProgramSourceRow | undefined,
  now: number,
): Promise<Measured> {
  const profile = await profileOf(db, tenantId, source, known, now);
  const today = now - (now % DAY_MS);
  // Delays are counted per UTC day: yesterday and today against the four weeks before.
  const recent = await lagBetween(db, tenantId, source, 'event', today - 1, now + 1);
  const usual = await lagBetween(db, tenantId, source, 'event', today - PROFILE_MS, today - DAY_MS);
  const before = known?.last_new_at ?? null;
  const newest = await lastNewAt(db, tenantId, source, before ?? now - PROFILE_MS);
  const { p95: p95_ms, records } = recent ?? NO_LAG;
  const { p95: usual_p95_ms, records: usual_records } = usual ?? NO_LAG;
  return { ...profile, last_new_at: newest ?? before, p95_ms, records, usual_p95_ms, usual_records };
}

const NO_LAG = { p95: null, records: 0 } as const;

/** The longest pause between two hours with something new, measured once a day. */
async function profileOf(
  db: Db,
  tenantId: string,
  source: string,
  known: ProgramSourceRow | undefined,
  now: number,
) {
  if (known?.profiled_at != null && now - known.profiled_at < PROFILE_AGE_MS) {
    const { longest_gap_ms, active_hours, history_ms, profiled_at } = known;
    return { longest_gap_ms, active_hours, history_ms, profiled_at };
  }
  const hours = await activeHours(db, tenantId, source, now - PROFILE_MS);
  const gaps = hours.slice(1).map((hour, index) => hour - (hours[index] ?? hour));
  const [first, last] = [hours.at(0) ?? now, hours.at(-1) ?? now];
  return {
    longest_gap_ms: gaps.length === 0 ? null : Math.max(...gaps),
    active_hours: hours.length,
    history_ms: last - first,
    profiled_at: now,
  };
}

/** How far coverage is behind of what it ought to be, and what that was an hour or more ago. */
function behind(
  ledger: LedgerRow | undefined,
  intervalMs: number,
  known: ProgramSourceRow | undefined,
  now: number,
) {
  if (ledger?.watermark == null) return { behind_ms: null, behind_before_ms: null, before_at: null };
  const behindMs = Math.max(0, now - ledger.watermark - ledger.settle_ms - intervalMs);
  const isOld = known?.before_at == null || now - known.before_at >= COMPARED_MS;
  return {
    behind_ms: behindMs,
    behind_before_ms: isOld ? (known?.behind_ms ?? null) : known.behind_before_ms,
    before_at: isOld ? now : known.before_at,
  };
}
