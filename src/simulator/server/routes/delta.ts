import { randomBytes } from 'node:crypto';
import type { Raw } from '../../world.ts';
import { badRequest, GraphFailure } from '../errors.ts';
import { checkFilter, on, parseFilter } from '../filter.ts';
import type { Filter } from '../filter.ts';
import { readSelect } from '../query.ts';
import { linkTo, pageOf } from '../route.ts';
import type { RouteCall } from '../route.ts';
import { versionAt } from '../state.ts';
import type { LiveObject, Moment, Version } from '../state.ts';

/** What a delta token stands for: the query it was made with, and the moment up to which the client knows everything. */
export interface DeltaToken {
  readonly tenant: string;
  /** Path of the collection, so that a token of users is none of groups. */
  readonly collection: string;
  readonly names: readonly string[];
  /** Ids it is limited to; null = all objects. */
  readonly ids: readonly string[] | null;
  readonly since: Moment;
}

/** A collection that can be read by delta. */
export interface DeltaPlan {
  /** `users`, as in the path and the context. */
  readonly collection: string;
  /** `microsoft.graph.user` */
  readonly type: string;
  readonly properties: ReadonlySet<string>;
  readonly defaults: readonly string[];
  readonly objects: (call: RouteCall) => Iterable<LiveObject>;
  /** What of an object this app may see. */
  readonly view?: (call: RouteCall, value: Raw) => Raw;
  readonly unsupportedFilter: (path: string) => GraphFailure;
}

const DAY_MS = 86_400_000;

/** Directory delta tokens live 7 days (graph-facts 5, delta-query-overview.md). */
const TOKEN_LIFE_MS = 7 * DAY_MS;

/** A soft-deleted object stays restorable for 30 days: `@removed` says `changed` until then, `deleted` after. */
const RECYCLE_BIN_MS = 30 * DAY_MS;

/** Page size of directory deltas; not documented, this is our choice. */
const PAGE_SIZE = 100;

/** `$filter` of a delta takes at most 50 ids (delta-query-overview.md). */
const MAX_IDS = 50;

/** Selectable, but a change of it alone is not reported (GH:docs#16690). */
const UNTRACKED = new Set(['licenseAssignmentStates']);

/** Options that a delta takes. */
export const DELTA_OPTIONS = ['$select', '$filter', '$deltatoken', '$skiptoken'];

/** One page of a delta round; the last one carries the delta link. */
export function deltaPage(call: RouteCall, plan: DeltaPlan): Raw {
  // The moment is taken when the round begins: changes made while pages are read belong to the next round.
  const until: Moment = { at: call.now, order: call.simulation.changes };
  const token = readToken(call, plan);
  const query = token ?? readFreshQuery(call, plan);
  return pageOf(call, {
    context: query.names.length > 0 ? `${plan.collection}(${query.names.join(',')})` : plan.collection,
    size: PAGE_SIZE,
    once: false,
    lifeMs: TOKEN_LIFE_MS,
    invalidToken: () => badRequest('Badly formed token.'),
    items: () => changedObjects(call, plan, query, token?.since ?? null, until),
    last: () => ({ '@odata.deltaLink': deltaLink(call, { ...query, since: until }) }),
    bareLink: true,
  });
}

function deltaLink(call: RouteCall, token: DeltaToken): string {
  const id = randomBytes(32).toString('base64url');
  call.simulation.deltaTokens.set(id, token);
  return linkTo(call, { $deltatoken: id }, true);
}

/** The token of the request; null for a fresh start (none, `latest`, or the empty one of a 410's Location). */
function readToken(call: RouteCall, plan: DeltaPlan): DeltaToken | null {
  const id = call.query.get('$deltatoken');
  if (id === undefined || id === '' || id === 'latest') return null;
  const token = call.simulation.deltaTokens.get(id);
  const ours = token?.tenant === call.tenant.id && token.collection === plan.collection;
  if (!token || !ours) throw badRequest('Badly formed token.');
  if (token.since.at + TOKEN_LIFE_MS <= call.now) throw deltaGone(call, 'syncStateNotFound');
  return token;
}

/** 410 with a Location that starts over (graph-facts 5; concepts/errors.md). */
export function deltaGone(
  call: Pick<RouteCall, 'simulation' | 'version' | 'path'>,
  code: string,
): GraphFailure {
  const location = `${call.simulation.origins.graph}/${call.version}/${call.path}?$deltatoken=`;
  return new GraphFailure(410, code, 'Resync required. The sync state is no longer valid.', {
    Location: location,
  });
}

function readFreshQuery(call: RouteCall, plan: DeltaPlan): Omit<DeltaToken, 'since'> {
  const filter = call.query.get('$filter');
  if (
    call.query
      .get('$select')
      ?.split(',')
      .some((name) => name.trim() === 'signInActivity')
  ) {
    // GH microsoft-graph-explorer-v4#3189.
    throw badRequest(
      'Invalid request for delta query: for this entity set, $expand/$select is not supported for the following properties: signInActivity',
    );
  }
  return {
    tenant: call.tenant.id,
    collection: plan.collection,
    names: readSelect(call.query, plan.type, plan.properties) ?? plan.defaults,
    ids: filter === undefined ? null : readIds(parseFilter(filter), plan),
  };
}

function readIds(filter: Filter, plan: DeltaPlan): string[] {
  checkFilter(filter, { id: on('string', 'eq') }, plan.unsupportedFilter);
  const ids = collectIds(filter, plan);
  if (ids.length > MAX_IDS) throw badRequest(`A delta query can filter by at most ${MAX_IDS} objects.`);
  return ids;
}

function collectIds(filter: Filter, plan: DeltaPlan): string[] {
  if (filter.kind === 'compare') return [String(filter.literal.value)];
  if (filter.kind === 'logic' && filter.operator === 'or')
    return [...collectIds(filter.left, plan), ...collectIds(filter.right, plan)];
  throw plan.unsupportedFilter('id');
}

function changedObjects(
  call: RouteCall,
  plan: DeltaPlan,
  query: Omit<DeltaToken, 'since'>,
  since: Moment | null,
  until: Moment,
): Raw[] {
  if (call.query.get('$deltatoken') === 'latest') return [];
  const objects = [...plan.objects(call)].filter(({ id }) => query.ids?.includes(id) ?? true);
  return objects
    .map((object) => changeOf(call, plan, object, query.names, since, until))
    .filter((change) => change !== null);
}

function changeOf(
  call: RouteCall,
  plan: DeltaPlan,
  object: LiveObject,
  names: readonly string[],
  since: Moment | null,
  until: Moment,
): Raw | null {
  const before = since ? versionAt(object, since) : undefined;
  const after = versionAt(object, until);
  const view = (value: Raw): Raw => plan.view?.(call, value) ?? value;
  if (!after?.value) return removal(object.id, before, after, since, until);
  const now = view(after.value);
  if (!before?.value) return created(object.id, now, names);
  const old = view(before.value);
  const changed = names.filter((name) => !UNTRACKED.has(name) && !same(old[name], now[name]));
  if (changed.length === 0) return null;
  const minimal = /return=minimal/i.test(call.header('prefer') ?? '');
  const told = minimal ? changed : names.filter((name) => changed.includes(name) || !isUnset(now[name]));
  return { ...Object.fromEntries(told.map((name) => [name, now[name] ?? null])), id: object.id };
}

/** Properties that are not set are left out of a new object (delta-query-overview.md). */
function created(id: string, value: Raw, names: readonly string[]): Raw {
  const told = names.filter((name) => !isUnset(value[name]));
  return { ...Object.fromEntries(told.map((name) => [name, value[name]])), id };
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

/** `changed` = soft-deleted, `deleted` = gone for good; the second is told again when the recycle bin lets go. */
function removal(
  id: string,
  before: Version | undefined,
  after: Version | undefined,
  since: Moment | null,
  until: Moment,
): Raw | null {
  if (!since || !after) return null;
  const reason = removedAs(after, until.at);
  const told = before && !before.value ? removedAs(before, since.at) : null;
  return reason === told || (!before && reason === 'deleted') ? null : { id, '@removed': { reason } };
}

function removedAs(version: Version, at: number): 'changed' | 'deleted' {
  return version.permanent || version.from + RECYCLE_BIN_MS <= at ? 'deleted' : 'changed';
}
