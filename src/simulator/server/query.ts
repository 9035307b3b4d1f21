import { badRequest } from './errors.ts';

/** The system query options of a request, keys lower case with `$`; values decoded. */
export type Query = ReadonlyMap<string, string>;

const SYSTEM_OPTIONS = new Set([
  '$select',
  '$filter',
  '$top',
  '$skip',
  '$orderby',
  '$expand',
  '$count',
  '$search',
  '$format',
  '$skiptoken',
  '$deltatoken',
]);

/** Reads a query string as OData does: the `$` may be missing, an option given twice is an error. */
export function parseQuery(text: string): Query {
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    const lower = name.toLowerCase();
    const key = lower.startsWith('$') ? lower : `$${lower}`;
    if (!SYSTEM_OPTIONS.has(key)) {
      if (lower.startsWith('$')) throw badRequest(`The query parameter '${name}' is not supported.`);
      continue;
    }
    if (query.has(key)) {
      throw badRequest(
        `Query option '${key}' was specified more than once, but it must be specified at most once.`,
      );
    }
    query.set(key, value);
  }
  return query;
}

/** Refuses options that the resource does not take. Text for $skip on signIns: GH msgraph-beta-sdk-dotnet#956. */
export function refuseOthers(query: Query, allowed: readonly string[]): void {
  for (const key of query.keys()) {
    if (allowed.includes(key)) continue;
    throw badRequest(`Query option '${key.slice(1, 2).toUpperCase()}${key.slice(2)}' is not allowed`);
  }
}

/** $top as a whole number from 1 to `max`; `fallback` where not given. */
export function readTop(query: Query, max: number, fallback: number): number {
  const text = query.get('$top');
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw badRequest(`Invalid value '${text}' for $top query option found.`);
  const top = Number(text);
  if (top >= 1 && top <= max) return top;
  throw badRequest(`Invalid page size specified: '${text}'. Must be between 1 and ${max} inclusive.`);
}

/** $select as a list of property names; null where not given. `known` null = any name is taken. */
export function readSelect(
  query: Query,
  type: string,
  known: ReadonlySet<string> | null,
): readonly string[] | null {
  const text = query.get('$select');
  if (text === undefined || text.trim() === '*') return null;
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (name === '') throw badRequest('Parsing OData Select and Expand failed: Term is not valid.');
    if (known && !known.has(name)) throw unknownProperty(name, type);
  }
  return names;
}

export function unknownProperty(name: string, type: string): Error {
  return badRequest(`Could not find a property named '${name}' on type '${type}'.`);
}
