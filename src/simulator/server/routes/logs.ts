import type { KnownOfSignIn, LogRecord, Raw } from '../../world.ts';
import { badRequest } from '../errors.ts';
import { matches, readPath } from '../filter.ts';
import type { Filter } from '../filter.ts';
import type { PageItems } from '../paging.ts';
import { readTop } from '../query.ts';
import { pageOf } from '../route.ts';
import type { RouteCall } from '../route.ts';
import { recordNow } from '../state.ts';

/** Page size of the logs: default and maximum 1,000 (signin-list.md; for directoryAudits UNVERIFIED). */
const PAGE_SIZE = 1000;

/** ms of virtual time that the server keeps a result; "skip tokens cannot be resumed later" gives no figure, this is ours. */
const CURSOR_LIFE_MS = 15 * 60_000;

export interface LogPlan {
  readonly context: string;
  /** Name of the property that holds the event's time. */
  readonly time: string;
  readonly logs: readonly LogRecord[];
  readonly filter: Filter | null;
  readonly accepts: (record: Raw) => boolean;
  readonly shape: (record: Raw) => Raw;
  /** Retention, ms. */
  readonly keptMs: number;
}

/** One page of a log, newest first; the result is fixed when it is first asked for. */
export function logPage(call: RouteCall, plan: LogPlan): Raw {
  const ascending = readOrder(call, plan.time);
  return pageOf(call, {
    context: plan.context,
    size: readTop(call.query, PAGE_SIZE, PAGE_SIZE),
    once: true,
    lifeMs: CURSOR_LIFE_MS,
    // GH msgraph-sdk-powershell#1388, #2941.
    invalidToken: () => badRequest('Invalid Skip Token, skip token is null'),
    items: () => madeByPage(readLogs(call, plan, ascending), plan.shape),
  });
}

function readOrder(call: RouteCall, time: string): boolean {
  const order = call.query.get('$orderby');
  if (order === undefined || order === `${time} desc`) return false;
  if (order === time || order === `${time} asc`) return true;
  throw badRequest(`Sorting by '${order}' is not supported.`);
}

/** A record of a result, in the form that it had when the result was first asked for. */
interface Found {
  readonly at: number;
  readonly record: () => Raw;
}

function madeByPage(found: readonly Found[], shape: LogPlan['shape']): PageItems {
  return {
    length: found.length,
    slice: (from, to) => found.slice(from, to).map(({ record }) => shape(record())),
  };
}

function readLogs(call: RouteCall, plan: LogPlan, ascending: boolean): Found[] {
  const oldest = call.now - plan.keptMs;
  const [from, to] = boundsOf(plan.filter, plan.time);
  const found: Found[] = [];
  for (const log of plan.logs) {
    // Most records are outside of a small window; a revision may have another time, and is asked the long way.
    if ((log.at < from || log.at > to) && log.revisions === undefined) continue;
    if (log.at < oldest) continue;
    const record = log.known === undefined ? eager(log, call.now) : lazy(log, call.now);
    if (record === null || !accepted(log, record, plan)) continue;
    found.push({ at: log.at, record });
  }
  return found.sort((a, b) => (ascending ? a.at - b.at : b.at - a.at));
}

function eager(log: LogRecord, now: number): (() => Raw) | null {
  const record = recordNow(log, now);
  return record === null ? null : () => record;
}

function lazy(log: LogRecord, now: number): (() => Raw) | null {
  return log.availableAt > now ? null : () => log.record;
}

function accepted(log: LogRecord, record: () => Raw, { accepts, filter, time }: LogPlan): boolean {
  const { known } = log;
  if (!accepts(known === undefined ? record() : { ...known })) return false;
  return filter === null || matches(filter, (path) => valueAt(record, log, path, time));
}

/** The span that the comparisons of a time, all of which must hold, leave; UTC epoch ms. */
function boundsOf(filter: Filter | null, time: string): [from: number, to: number] {
  if (filter?.kind === 'logic' && filter.operator === 'and') {
    const [left, right] = [boundsOf(filter.left, time), boundsOf(filter.right, time)];
    return [Math.max(left[0], right[0]), Math.min(left[1], right[1])];
  }
  const at = filter?.kind === 'compare' && filter.path === time ? filter.literal.value : null;
  if (filter?.kind !== 'compare' || typeof at !== 'number') return [-Infinity, Infinity];
  if (filter.operator === 'ge') return [at, Infinity];
  return filter.operator === 'le' ? [-Infinity, at] : [-Infinity, Infinity];
}

/** Records that tests add to be rejected may have no readable time: the log's own stands in for it. */
function valueAt(record: () => Raw, log: LogRecord, path: string, time: string): unknown {
  if (log.known && path === time) return log.at;
  if (log.known && path in log.known) return log.known[path as keyof KnownOfSignIn];
  if (path !== time) return readPath(record(), path.split('/'));
  const at = Date.parse(String(record()[time]));
  return Number.isNaN(at) ? log.at : at;
}

/** Whether a filter names this property or something inside it. */
export function mentions(filter: Filter, name: string): boolean {
  if (filter.kind === 'logic') return mentions(filter.left, name) || mentions(filter.right, name);
  if (filter.kind === 'not') return mentions(filter.of, name);
  return filter.path === name || filter.path.startsWith(`${name}/`);
}
