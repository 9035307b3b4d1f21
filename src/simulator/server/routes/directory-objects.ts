import type { Raw } from '../../world.ts';
import type { GraphFailure } from '../errors.ts';
import { badRequest, expiredPageToken } from '../errors.ts';
import { checkFilter, matches, parseFilter, readPath } from '../filter.ts';
import type { FilterRules } from '../filter.ts';
import { readSelect, readTop } from '../query.ts';
import { keep, notFound, pageOf, pick } from '../route.ts';
import type { RouteCall } from '../route.ts';
import { valueNow, valuesNow } from '../state.ts';
import type { DirectoryCollection } from '../../world.ts';
import { DEFAULT_USER_PROPERTIES } from './users.ts';

/** $top of directory lists: default 100, at most 999 (graph-facts 6, 8). */
const PAGE = { default: 100, max: 999 };
const HOUR_MS = 3_600_000;

/** `$expand` on directory objects gives at most 20 items; `in` takes at most 15 values (graph-facts 5). */
const EXPANDED = 20;
const IN_VALUES = 15;

/** A list of directory objects, and what may be asked of it. */
export interface ListPlan {
  /** After `$metadata#`. */
  readonly context: string;
  /** `microsoft.graph.application` */
  readonly type: string;
  readonly items: () => readonly Raw[];
  /** Selectable; null = whatever the objects have. */
  readonly properties: ReadonlySet<string> | null;
  readonly filters: FilterRules;
  /** Left out where nothing is selected. */
  readonly onlyWhenSelected?: readonly string[];
  /** Kept beside an object for other routes: no property of it. Those that `$expand` takes give the objects behind it. */
  readonly relations?: Readonly<Record<string, (value: unknown) => readonly Raw[]>>;
}

/** What of an object a request may hold. */
export const LIST_OPTIONS = ['$select', '$filter', '$top', '$skiptoken', '$expand', '$count', '$orderby'];

export function objectList(call: RouteCall, plan: ListPlan): Raw {
  const select = readSelect(call.query, plan.type, plan.properties);
  const expand = readExpansion(call, plan);
  return pageOf(call, {
    context: plan.context,
    size: readTop(call.query, PAGE.max, PAGE.default),
    once: false,
    lifeMs: HOUR_MS,
    invalidToken: expiredPageToken,
    items: () => filtered(call, plan).map((item) => shape(plan, item, select, expand)),
  });
}

function filtered(call: RouteCall, plan: ListPlan): readonly Raw[] {
  const text = call.query.get('$filter');
  if (text === undefined) return plan.items();
  const counted = /^(\w+)\/\$count (ne|eq) 0$/.exec(text);
  if (counted) return countedItems(call, plan, counted[1] ?? '', counted[2] === 'ne');
  const listed = /^(\w+) in \(\s*('[^']*'(?:\s*,\s*'[^']*')*)\s*\)$/.exec(text);
  if (listed) return listedItems(plan, listed[1] ?? '', listed[2] ?? '');
  const filter = parseFilter(text);
  checkFilter(filter, plan.filters, unsupported, isAdvanced(call));
  return plan.items().filter((item) => matches(filter, (path) => readPath(item, path.split('/'))));
}

/** An advanced query: it needs `ConsistencyLevel: eventual` and $count (aad-advanced-queries.md). */
function countedItems(call: RouteCall, plan: ListPlan, relation: string, some: boolean): readonly Raw[] {
  if (!plan.relations?.[relation]) throw unsupported(relation);
  if (!isAdvanced(call)) throw unsupported(relation);
  return plan.items().filter((item) => lengthOf(item[relation]) > 0 === some);
}

function isAdvanced(call: RouteCall): boolean {
  return call.header('consistencylevel') === 'eventual' && call.query.get('$count') === 'true';
}

function listedItems(plan: ListPlan, property: string, list: string): readonly Raw[] {
  if (!plan.filters[property]) throw unsupported(property);
  const values = [...list.matchAll(/'([^']*)'/g)].map((match) => match[1]);
  if (values.length > IN_VALUES) {
    throw badRequest(
      `Too many child clauses specified in search filter expression containing 'OR' operators: ${values.length}. Max allowed: ${IN_VALUES}.`,
      'Request_UnsupportedQuery',
    );
  }
  return plan.items().filter((item) => values.includes(String(item[property])));
}

function unsupported(path: string): GraphFailure {
  return badRequest(
    `Unsupported or invalid query filter clause specified for property '${path}'.`,
    'Request_UnsupportedQuery',
  );
}

interface Expansion {
  readonly name: string;
  readonly select: readonly string[] | null;
}

/** One relation at a time, with or without a `$select` of its own. */
function readExpansion(call: RouteCall, plan: ListPlan): Expansion | null {
  const text = call.query.get('$expand');
  if (text === undefined) return null;
  const match = /^(\w+)(?:\(\$select=([\w,]+)\))?$/.exec(text.trim());
  const name = match?.[1] ?? text;
  if (!match || !plan.relations?.[name]) {
    throw badRequest(
      `Parsing OData Select and Expand failed: Could not find a property named '${name}' on type '${plan.type}'.`,
    );
  }
  return { name, select: match[2]?.split(',') ?? null };
}

function shape(plan: ListPlan, item: Raw, select: readonly string[] | null, expand: Expansion | null): Raw {
  const barred = new Set([...Object.keys(plan.relations ?? {}), ...(plan.onlyWhenSelected ?? [])]);
  const whole = Object.fromEntries(Object.entries(item).filter(([name]) => !barred.has(name)));
  const shown = select ? pick(item, [...new Set(['id', ...select])]) : whole;
  if (!expand) return shown;
  const related = plan.relations?.[expand.name]?.(item[expand.name]) ?? [];
  const cut = related.slice(0, EXPANDED);
  return { ...shown, [expand.name]: cut.map((one) => selected(one, expand.select)) };
}

/** A related object with its type, which `$select` never takes away. */
export function selected(object: Raw, names: readonly string[] | null): Raw {
  return names ? keep(object, ['@odata.type', 'id', ...names]) : object;
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

/** One object by its id; 404 as the directory says it. */
export function oneObject(call: RouteCall, collection: DirectoryCollection): Raw {
  const id = (call.params[0] ?? '').toLowerCase();
  const found = valueNow(call.tenant.directory[collection].get(id), call.now);
  if (!found) throw notFound(call.params[0] ?? '');
  return found;
}

/** All objects of a collection that exist now. */
export function objectsNow(call: RouteCall, collection: DirectoryCollection): Raw[] {
  return valuesNow(call.tenant.directory[collection].values(), call.now);
}

/** A user, service principal or group by id, as a list of mixed objects shows it; null when there is none. */
export function directoryObject(call: RouteCall, id: string): Raw | null {
  const user = valueNow(call.tenant.users.get(id), call.now);
  if (user) return { '@odata.type': '#microsoft.graph.user', ...keep(user, DEFAULT_USER_PROPERTIES) };
  const principal = valueNow(call.tenant.directory.servicePrincipals.get(id), call.now);
  if (principal) {
    const names = ['id', 'appId', 'displayName', 'servicePrincipalType', 'appOwnerOrganizationId'];
    return { '@odata.type': '#microsoft.graph.servicePrincipal', ...keep(principal, names) };
  }
  const group = valueNow(call.tenant.directory.groups.get(id), call.now);
  if (!group) return null;
  const names = ['id', 'displayName', 'securityEnabled', 'isAssignableToRole', 'groupTypes'];
  return { '@odata.type': '#microsoft.graph.group', ...keep(group, names) };
}

/** The objects behind a list of ids; ids of nobody are left out. */
export function directoryObjects(call: RouteCall, ids: unknown): Raw[] {
  if (!Array.isArray(ids)) return [];
  return ids.map((id) => directoryObject(call, String(id))).filter((one) => one !== null);
}
