import { hash } from 'node:crypto';

const ANNOTATION = '@odata.';

/** A record's text as it is stored, and the hash of what it says. */
export interface Content {
  readonly text: string;
  readonly hash: string;
}

/**
 * The record as JSON text and the hash of it without OData annotations (they change with the request, not with the
 * record) and the `volatile` keys. The order of keys counts: the service writes them in one order, and another would
 * only make a revision that is detected to the same end. Null when the record is nested too deep to be written.
 * Every record of every page comes through here, so the text is made once and cut, not written again.
 */
export function recordContent(record: unknown, volatile: readonly string[]): Content | null {
  const text = jsonText(record, undefined);
  if (text === null) return null;
  let said: string | null = text;
  if (text.includes(ANNOTATION)) said = jsonText(record, withoutAnnotations);
  if (said === null) return null;
  for (const key of volatile) said = cutNumber(said, `"${key}":`);
  return { text, hash: hash('sha256', said, 'base64url') };
}

function jsonText(
  value: unknown,
  replacer: ((key: string, value: unknown) => unknown) | undefined,
): string | null {
  try {
    return JSON.stringify(value, replacer) ?? null;
  } catch (error) {
    // Thousands of levels exhaust the stack; nothing of Microsoft's comes near.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function withoutAnnotations(key: string, value: unknown): unknown {
  return key.includes(ANNOTATION) ? undefined : value;
}

/** Cuts the number behind a key. Inside a string the key's quotes would be escaped, so it is never found there. */
function cutNumber(text: string, key: string): string {
  const at = text.indexOf(key);
  if (at < 0) return text;
  let end = at + key.length;
  while (end < text.length && text[end] !== ',' && text[end] !== '}') end += 1;
  const comma = text[end] === ',' ? end + 1 : end;
  const start = comma === end && text[at - 1] === ',' ? at - 1 : at;
  return text.slice(0, start) + text.slice(comma);
}
