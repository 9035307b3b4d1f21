/** A JSON object as it came over the wire: nothing about its values is known. */
export type Raw = Readonly<Record<string, unknown>>;

// Readers of one property. A wrong type is the same as nothing there: Microsoft's optional properties come and go,
// and one odd value must not cost the record.

export function object(value: unknown): Raw | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  return value as Raw;
}

/** The objects in a list; anything else in it is left out. */
export function objects(value: unknown): Raw[] {
  if (!Array.isArray(value)) return [];
  return value.map(object).filter((item) => item !== null);
}

/** Trimmed text; null when it is empty or no text. */
export function text(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed;
}

/** The texts in a list, without the empty ones. */
export function texts(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value.map(text).filter((item) => item !== null);
}

export function flag(value: unknown): boolean | null {
  return typeof value === 'boolean' ? value : null;
}

export function whole(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null;
}

/** The value of a property of this object itself, never of its prototype. */
export function own(raw: Raw | null, key: string): unknown {
  return raw !== null && Object.hasOwn(raw, key) ? raw[key] : undefined;
}

/** The value where an array of `{key, value}` names it; keys compare without case. */
export function valueOfKey(pairs: unknown, key: string): string | null {
  const wanted = key.toLowerCase();
  for (const pair of objects(pairs)) {
    if (text(own(pair, 'key'))?.toLowerCase() === wanted) return text(own(pair, 'value'));
  }
  return null;
}

/** Distinct values in a fixed order, so that equal sets give equal JSON. */
export function sorted(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

const ZERO_GUID = '00000000-0000-0000-0000-000000000000';

/** An object id in lower case; the all-zero GUID stands for nobody [graph-facts 2] and is null. */
export function objectId(value: unknown): string | null {
  const id = text(value)?.toLowerCase() ?? null;
  return id === ZERO_GUID ? null : id;
}
