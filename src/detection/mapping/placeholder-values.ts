/** The tenant's values for one rule's placeholders, and the names that it gives none for. */
export interface PlaceholderValues {
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly missing: readonly string[];
}

/**
 * Looks names up as they are written, then without regard to case: rules that mean one list have written it
 * `Known_Location` and `KNOWN_LOCATION`.
 */
export function valuesFor(
  names: readonly string[],
  given: ReadonlyMap<string, readonly string[]>,
): PlaceholderValues {
  const folded = new Map([...given].map(([name, list]) => [name.toLowerCase(), list]));
  const values = new Map<string, readonly string[]>();
  const missing: string[] = [];
  for (const name of names) {
    const list = given.get(name) ?? folded.get(name.toLowerCase()) ?? [];
    if (list.length === 0) missing.push(name);
    else values.set(name, list);
  }
  return { values, missing };
}
