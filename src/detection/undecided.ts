import type { Assessment } from '../store/assessments.ts';
import { undecidedGroups, type CorrelationWaitRow } from '../store/correlation-waits.ts';
import type { Db } from '../store/database.ts';
import type { Missing } from './assess.ts';
import type { Catalogue, Part } from './catalogue.ts';

/** What could not be said of the last week is told; older than that it is the past of the detection, not its state. */
const RECENT_MS = 7 * 86_400_000;
/** Reasons told of one detection; the number of groups behind them does not matter to whoever reads it. */
const MOST = 3;

/** Words of the closed list of `why`, by what was found of a group. */
const WHY: Readonly<Record<string, string>> = {
  not_assessed: 'gap',
  pending: 'baseline',
  capped: 'too_many',
};

/** Whether something is missing because a correlation could not judge, and not because a source or field is. */
export function isUndecided({ why }: Missing): boolean {
  return Object.values(WHY).includes(why);
}

/** Why a part could not say what happened in some timespan; `text` says which, where that is known. */
export interface Undecided extends Missing {
  readonly text: string | null;
}

/**
 * By detection id, what its correlations could not judge of the last week: a timespan was not read, too little of the time
 * before was, or there was more than one event or group may hold (`truncated`: ids of detections of which this run says so).
 */
export async function undecidedOf(
  db: Db,
  tenantId: string,
  catalogue: Catalogue,
  truncated: ReadonlySet<string>,
  now: number,
): Promise<Map<string, Undecided[]>> {
  const found = new Map<string, Undecided[]>();
  const parts = new Map<string, { readonly part: Part; readonly id: string }>();
  for (const { id, parts: own } of catalogue.detections)
    for (const part of own) if (part.correlation !== null) parts.set(part.id, { part, id });
  if (parts.size === 0) return found;
  const add = (id: string, one: Undecided): void => {
    const list = found.get(id) ?? [];
    const known = list.some((other) => other.why === one.why && other.text === one.text);
    if (!known && list.length < MOST) found.set(id, [...list, one]);
  };
  for (const row of await undecidedGroups(db, tenantId, now - RECENT_MS)) {
    const owner = parts.get(row.correlation);
    if (owner !== undefined) add(owner.id, toUndecided(owner.part, row));
  }
  for (const { part, id } of parts.values())
    if (truncated.has(id)) add(id, { without: sourceOf(part), why: 'too_many', text: null });
  return found;
}

function toUndecided(part: Part, { state, reason }: CorrelationWaitRow): Undecided {
  // What is missing of a baseline moves on with every read; a row of the assessment's history each time helps nobody.
  const text = state === 'pending' ? null : reason;
  return { without: sourceOf(part), why: WHY[state] ?? state, text };
}

/** The source that the records come from; a rule names it first. */
function sourceOf(part: Part): string {
  return part.sources[0] ?? '';
}

/** An assessment with what correlations could not judge: a detection that is full is then reduced. */
export function withUndecided(assessment: Assessment, undecided: readonly Undecided[]): Assessment {
  if (undecided.length === 0 || assessment.state === 'off') return assessment;
  const known = assessment.reason === null ? [] : (JSON.parse(assessment.reason) as Missing[]);
  return { ...assessment, state: 'reduced', reason: JSON.stringify([...known, ...undecided]) };
}
