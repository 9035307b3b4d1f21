import { object, own, sorted, text, type Raw } from './property.ts';

/**
 * Said by every read or every saving, or told as properties of their own: nothing of them is a setting. Compared at every
 * depth.
 */
const NO_SETTINGS = new Set([
  'id',
  'displayName',
  'createdDateTime',
  'modifiedDateTime',
  'lastModifiedDateTime',
  'deletedDateTime',
]);

/** What an object in a list is known by, the first that it has. */
const KEYS = ['id', 'target', 'name', 'cidrAddress'];

/** Policies are four or five levels deep; what is deeper is left out rather than followed for ever. */
const DEEPEST = 10;

/**
 * Everything that a policy sets, as sorted `path=value` texts, so that a setting which nobody reads by name still shows when
 * it changes, and Microsoft's order of lists never does. Null, absent and empty are the same: nothing is set.
 */
export function settingsOf(raw: Raw, ignored: readonly string[] = []): string[] {
  const found: string[] = [];
  collect(found, '', raw, new Set([...NO_SETTINGS, ...ignored]), 0);
  return sorted(found);
}

function collect(
  found: string[],
  path: string,
  value: unknown,
  ignored: ReadonlySet<string>,
  depth: number,
): void {
  if (depth > DEEPEST) return;
  if (Array.isArray(value)) {
    for (const item of value) collect(found, path + keyOf(item), item, ignored, depth + 1);
    return;
  }
  const inner = object(value);
  if (inner === null) {
    if (isSet(value)) found.push(`${path}=${plain(String(value))}`);
    return;
  }
  for (const name of Object.keys(inner)) {
    if (ignored.has(name) || name.includes('@odata.')) continue;
    collect(found, path === '' ? name : `${path}.${name}`, own(inner, name), ignored, depth + 1);
  }
}

function isSet(value: unknown): value is string | number | boolean {
  return value !== '' && ['string', 'number', 'boolean'].includes(typeof value);
}

function keyOf(item: unknown): string {
  const inner = object(item);
  if (inner === null) return '';
  const key = KEYS.map((name) => text(own(inner, name))).find((one) => one !== null);
  return `[${key ?? ''}]`;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A list of ids and words such as `All`, in a fixed order; ids in lower case. */
export function idsOf(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return sorted(
    value
      .map(text)
      .filter((name) => name !== null)
      .map(plain),
  );
}

function plain(value: string): string {
  return GUID.test(value) ? value.toLowerCase() : value;
}

/** Flags of one text ("deviceCodeFlow,authenticationTransfer"), or a list of them, in a fixed order; `none` is none. */
export function flagsOf(value: unknown): string[] {
  const parts = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : [];
  return sorted(parts.map(text).filter((part) => part !== null && part !== 'none') as string[]);
}
