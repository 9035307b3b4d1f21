import type { Raw } from '../world.ts';
import { GraphFailure } from './errors.ts';
import type { Cursor, PageItems } from './paging.ts';
import type { Query } from './query.ts';
import { disordered } from './random.ts';
import type { Simulation } from './simulation.ts';
import type { TenantState } from './state.ts';
import type { Bucket } from './throttle.ts';
import type { TokenClaims } from './tokens.ts';

export type Version = 'v1.0' | 'beta';

/** One request as a route sees it: authenticated, permitted, within its quota. */
export interface RouteCall {
  readonly simulation: Simulation;
  readonly tenant: TenantState;
  readonly claims: TokenClaims;
  readonly version: Version;
  /** Path after the version as the client wrote it, without leading slash and query. */
  readonly path: string;
  /** Decoded values of the pattern's `{…}` segments. */
  readonly params: readonly string[];
  readonly query: Query;
  readonly header: (name: string) => string | undefined;
  /** As sent; empty for a GET. */
  readonly body: string;
  /** Virtual, UTC epoch ms. */
  readonly now: number;
  /** True: a `shuffle` fault applies to the list. */
  readonly disorder: boolean;
}

export interface Route {
  /** `users/{id}/mailFolders`: segments compare without case. */
  readonly pattern: string;
  /** Application permissions, any of which will do (graph-facts A). */
  readonly permissions: readonly string[];
  readonly bucket?: Bucket;
  /** GET where not given. */
  readonly method?: 'POST';
  /** Of a success; 200 where not given. */
  readonly status?: number;
  /** System query options it takes, lower case; others are 400. */
  readonly options: readonly string[];
  /** The body of a 200. Throws GraphFailure. */
  answer(call: RouteCall): Raw;
}

export interface PagePlan {
  /** After `$metadata#`. */
  readonly context: string;
  readonly size: number;
  /** True: a skip token works once (sign-in logs); false: as often as asked (directory). */
  readonly once: boolean;
  /** ms of virtual time a skip token lives. */
  readonly lifeMs: number;
  readonly invalidToken: () => GraphFailure;
  /** The whole result; not called when the request continues one. */
  readonly items: () => PageItems;
  /** Keys of the first page. */
  readonly first?: () => Raw;
  /** Keys of the last page instead of a next link. */
  readonly last?: () => Raw;
  /** True: the next link carries nothing but the token. */
  readonly bareLink?: boolean;
}

/** One page of a collection, with its next link when there is more. */
export function pageOf(call: RouteCall, plan: PagePlan): Raw {
  const token = call.query.get('$skiptoken');
  const cursor = token === undefined ? openCursor(call, plan) : takeCursor(call, token, plan);
  const end = cursor.offset + cursor.size;
  const body: Raw = {
    '@odata.context': `${call.simulation.origins.graph}/${call.version}/$metadata#${cursor.context}`,
    ...(token === undefined ? plan.first?.() : {}),
  };
  const value = cursor.items.slice(cursor.offset, end);
  if (end >= cursor.items.length) return { ...body, ...cursor.last, value };
  const next = call.simulation.pages.keep({ ...cursor, offset: end }, call.now);
  return { ...body, '@odata.nextLink': linkTo(call, { $skiptoken: next }, plan.bareLink ?? false), value };
}

function openCursor(call: RouteCall, plan: PagePlan): Cursor {
  const items = plan.items();
  return {
    tenant: call.tenant.id,
    route: call.path.toLowerCase(),
    context: plan.context,
    items: call.disorder ? disordered(items.slice(0, items.length), call.simulation.fraction) : items,
    offset: 0,
    size: plan.size,
    expiresAt: call.now + plan.lifeMs,
    once: plan.once,
    last: plan.last?.() ?? {},
  };
}

function takeCursor(call: RouteCall, token: string, plan: PagePlan): Cursor {
  const cursor = call.simulation.pages.take(token, call.tenant.id, call.path.toLowerCase(), call.now);
  if (!cursor) throw plan.invalidToken();
  return cursor;
}

/** An absolute URL of the same resource; `bare` drops the request's own options. */
export function linkTo(call: RouteCall, options: Readonly<Record<string, string>>, bare: boolean): string {
  const own = bare ? [] : [...call.query].filter(([key]) => key !== '$skiptoken' && key !== '$skip');
  const text = [...own, ...Object.entries(options)]
    .map(([key, value]) => `${key}=${encodeURIComponent(value)}`)
    .join('&');
  return `${call.simulation.origins.graph}/${call.version}/${call.path}?${text}`;
}

/** The record with these properties only; a list value where the record has none of it is up to the caller. */
export function pick(record: Raw, names: readonly string[]): Raw {
  return Object.fromEntries(names.map((name) => [name, record[name] ?? null]));
}

/** The properties that a record has, of these. */
export function keep(record: Raw, names: readonly string[]): Raw {
  return Object.fromEntries(names.filter((name) => name in record).map((name) => [name, record[name]]));
}

/** 404 of a directory object. */
export function notFound(id: string): GraphFailure {
  return new GraphFailure(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}
