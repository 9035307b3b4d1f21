import { currentCapabilities } from '../store/capabilities.ts';
import type { Db } from '../store/database.ts';
import { currentDetectionVersions } from '../store/detection-versions.ts';
import { sourceStates, type SourceStateRow } from '../store/reads.ts';
import { countRejectedIn, runsOf, unreadWindows } from '../store/reports.ts';
import { findTenant } from '../store/tenants.ts';
import type { WindowRow } from '../store/windows.ts';
import { causeOf, detailOf, isSkip } from './causes.ts';
import {
  CONTEXT_SOURCES,
  ESSENTIAL,
  ESSENTIAL_SOURCES,
  ESSENTIAL_STATES,
  readSpans,
  STALE_MS,
  standInOf,
} from './coverage.ts';
import type { Period } from './due.ts';
import { mailboxTroubles } from './unseen-mailboxes.ts';
import type { Gap, SourceTrouble, Unseen } from './facts.ts';
import { weakDetections } from './unseen-detections.ts';
import { holes } from './spans.ts';

const MINUTE_MS = 60_000;
/** Shorter failures that were read afterwards are not worth a manager's line. */
const SHORTEST_OUTAGE_MS = 30 * MINUTE_MS;

/** What was not seen in a period, judged at `at` (when the report is written). */
export async function gatherUnseen(
  db: Db,
  tenantId: string,
  period: Period,
  at: number,
  language: string,
): Promise<Unseen> {
  const { sources, standIns, extras } = await sourceTroubles(db, tenantId, at);
  const gaps: Gap[] = [];
  for (const source of ESSENTIAL) gaps.push(...(await gapsOf(db, tenantId, source, period, sources)));
  for (const source of ESSENTIAL_STATES)
    gaps.push(...(await stateGaps(db, tenantId, source, period, sources)));
  return {
    sources,
    standIns,
    extras,
    gaps: gaps.sort((a, b) => a.from - b.from),
    mailboxes: await mailboxTroubles(db, tenantId, period),
    detections: await weakDetections(db, tenantId, at, language),
    rejected: await countRejectedIn(db, tenantId, period.from, period.to),
  };
}

/** Those first without which we cannot say how a week was; and what is not permitted, but no check needs. */
async function sourceTroubles(
  db: Db,
  tenantId: string,
  at: number,
): Promise<Required<Pick<Unseen, 'sources' | 'standIns' | 'extras'>>> {
  const states = await sourceStates(db, tenantId);
  const known = new Set(states.map((state) => state.source));
  const never = ESSENTIAL_SOURCES.filter((source) => !known.has(source)).map((source): SourceTrouble => ({
    source,
    cause: 'never_read',
    lastOkAt: null,
    detail: null,
  }));
  const isExtra = ({ source }: SourceTrouble) => Number(!ESSENTIAL_SOURCES.includes(source));
  const seen = new Set(
    states.filter((state) => troubleOf(state, at).length === 0).map(({ source }) => source),
  );
  const needed = await neededSources(db);
  const answered = await currentCapabilities(db, tenantId);
  // What was off before our access failed is not lost by that.
  const wasOff = (state: SourceStateRow): boolean =>
    state.last_status === 'failed' &&
    state.last_ok_at === null &&
    isSkip(answered.get(`source:${state.source}`)?.reason ?? null);
  // What another source shows is not unseen; that it shows less is a line of its own.
  const isShown = ({ source, last_reason }: SourceStateRow): boolean =>
    isSkip(last_reason) && seen.has(standInOf(source) ?? '');
  const lastSeen = new Map(states.map((state) => [state.source, state.last_ok_at]));
  const troubles = states
    .filter((state) => needed.has(state.source) || !(isOptional(state) || wasOff(state)))
    .filter((state) => !isShown(state))
    .flatMap((state) => troubleOf(state, at))
    .map((trouble) => ({ ...trouble, lastOkAt: lastOf(trouble, lastSeen) }));
  const extras = states.filter((state) => !needed.has(state.source) && isNotGranted(state));
  return {
    sources: [...never, ...troubles.sort((a, b) => isExtra(a) - isExtra(b))],
    standIns: states.filter(isShown).flatMap((state) => troubleOf(state, at)),
    extras: extras.map(({ source }) => source),
  };
}

/** Last time that a source, or one that stands in for it, was read: until then its records were seen. */
function lastOf(
  { source, lastOkAt }: SourceTrouble,
  lastSeen: ReadonlyMap<string, number | null>,
): number | null {
  const standIn = lastSeen.get(standInOf(source) ?? '') ?? null;
  return lastOkAt === null || standIn === null ? (lastOkAt ?? standIn) : Math.max(lastOkAt, standIn);
}

/** Essential sources, those that every rule leans on, and those that some detection reads. */
async function neededSources(db: Db): Promise<Set<string>> {
  const needed = new Set([...ESSENTIAL_SOURCES, ...CONTEXT_SOURCES]);
  for (const { sources } of (await currentDetectionVersions(db)).values())
    for (const source of JSON.parse(sources) as string[]) needed.add(source);
  return needed;
}

/**
 * Off, and no check misses it. It is no trouble of the week: what the tenant did not grant is one line for all of it, what it
 * did not buy or switch on none, because telling so every week would be advertising. `status` and `doctor` say it.
 */
function isOptional(state: SourceStateRow): boolean {
  return isNotGranted(state) || isNeverBought(state) || skippedFor(state) === 'not_configured';
}

/** The right is missing, or a licence that was there once. */
function isNotGranted(state: SourceStateRow): boolean {
  const reason = skippedFor(state);
  return reason === 'no_permission' || (reason === 'no_licence' && state.last_ok_at !== null);
}

function isNeverBought(state: SourceStateRow): boolean {
  return skippedFor(state) === 'no_licence' && state.last_ok_at === null;
}

function skippedFor(state: SourceStateRow): string | null {
  return state.last_status === 'skipped' ? state.last_reason : null;
}

function troubleOf(state: SourceStateRow, at: number): SourceTrouble[] {
  const lastOkAt = state.last_ok_at;
  const base = { source: state.source, lastOkAt };
  // `busy` is another run at work on the same source: nothing is lost by it.
  const bad = state.last_status !== null && state.last_status !== 'ok' && state.last_reason !== 'busy';
  if (bad)
    return [
      { ...base, cause: causeOf(state.last_reason, state.last_error), detail: detailOf(state.last_error) },
    ];
  if (lastOkAt === null) return [{ ...base, cause: 'never_read', detail: null }];
  if (lastOkAt < at - STALE_MS) return [{ ...base, cause: 'not_running', detail: null }];
  return [];
}

async function gapsOf(
  db: Db,
  tenantId: string,
  source: string,
  period: Period,
  troubles: readonly SourceTrouble[],
): Promise<Gap[]> {
  const covered = await readSpans(db, tenantId, source, period);
  // Where another source shows it, its windows and failures are the ones that count.
  const shownBy = (await isReplaced(db, tenantId, source)) ? (standInOf(source) ?? source) : source;
  const unread = await unreadWindows(db, tenantId, shownBy, period.from, period.to);
  const outages = await outagesOf(db, tenantId, shownBy, period);
  const begun = (await findTenant(db, tenantId))?.enrolled_at ?? null;
  const inTrouble = troubles.some((trouble) => trouble.source === source);
  const open = holes(period, covered)
    .filter((hole) => hole.to - hole.from >= MINUTE_MS)
    // A source that is in trouble now is told with its date; its last gap says nothing more.
    .filter((hole) => !(inTrouble && hole.to === period.to))
    .map((hole): Gap => {
      // A log that Microsoft gathers on demand only has no past: nothing of it is left to be read.
      if (shownBy !== source && begun !== null && hole.from < begun && unread.length === 0)
        return { source, ...hole, cause: 'not_begun', detail: null, readLater: null };
      return { source, ...hole, ...causeOfHole(hole, unread, outages), readLater: false };
    });
  const read = outages
    .filter((outage) => outage.to - outage.from >= SHORTEST_OUTAGE_MS)
    .filter((outage) => holes(outage, covered).length === 0)
    .map((outage): Gap => ({ source, ...outage, readLater: true }));
  return [...open, ...read];
}

/** Whether a source is off and another one that shows the same is read. */
async function isReplaced(db: Db, tenantId: string, source: string): Promise<boolean> {
  const states = new Map((await sourceStates(db, tenantId)).map((state) => [state.source, state]));
  const standIn = states.get(standInOf(source) ?? '');
  return isSkip(states.get(source)?.last_reason ?? null) && standIn?.last_ok_at != null;
}

/** Spans in which the last read of a state was too old; a state of then cannot be read later. */
async function stateGaps(
  db: Db,
  tenantId: string,
  source: string,
  period: Period,
  troubles: readonly SourceTrouble[],
): Promise<Gap[]> {
  if (troubles.some((trouble) => trouble.source === source)) return [];
  const covered = await readSpans(db, tenantId, source, period);
  const outages = await outagesOf(db, tenantId, source, period);
  const begun = (await findTenant(db, tenantId))?.enrolled_at ?? null;
  return holes(period, covered)
    .filter((hole) => hole.to - hole.from >= MINUTE_MS)
    .map((hole): Gap => {
      const early = begun !== null && hole.from < begun;
      const cause = early ? { cause: 'not_begun' as const, detail: null } : causeOfHole(hole, [], outages);
      return { source, ...hole, ...cause, readLater: null };
    });
}

type Outage = Pick<Gap, 'from' | 'to' | 'cause' | 'detail'>;

/** Runs of failures, each from its first failed run to the next that was ok, cut to the period. */
async function outagesOf(db: Db, tenantId: string, source: string, period: Period): Promise<Outage[]> {
  const runs = await runsOf(db, tenantId, source, period.from, period.to + STALE_MS);
  const outages: Outage[] = [];
  let open: Omit<Outage, 'to'> | null = null;
  for (const run of runs) {
    if (run.reason === 'busy') continue;
    if (run.status !== 'ok') {
      open ??= { from: run.started_at, cause: causeOf(run.reason, run.error), detail: detailOf(run.error) };
    } else if (open !== null) {
      outages.push({ ...open, to: Math.min(run.started_at, period.to) });
      open = null;
    }
  }
  if (open !== null) outages.push({ ...open, to: period.to });
  return outages.filter((outage) => outage.from < outage.to);
}

function causeOfHole(
  hole: Period,
  unread: readonly WindowRow[],
  outages: readonly Outage[],
): Pick<Gap, 'cause' | 'detail'> {
  const window = unread.find((one) => one.from_at < hole.to && one.to_at > hole.from && one.reason !== null);
  if (window) return { cause: causeOf(window.reason, window.reason), detail: detailOf(window.reason) };
  const outage = outages.find((one) => one.from < hole.to && one.to > hole.from);
  if (outage) return { cause: outage.cause, detail: outage.detail };
  return { cause: 'not_running', detail: null };
}
