import { hash } from 'node:crypto';

/** Deeper than any Graph resource; a record beyond it is refused, since recursion over it could exhaust the stack. */
const MAX_DEPTH = 64;

/**
 * Hash of a record's content, the same for any order of keys. Left out: OData annotations (they change with the
 * request, not with the record) and the top-level `volatile` keys. Null when the record is nested too deep.
 */
export function contentHash(record: unknown, volatile: ReadonlySet<string>): string | null {
  const parts: string[] = [];
  return write(record, volatile, parts, 0) ? hash('sha256', parts.join(''), 'base64url') : null;
}

const NOTHING: ReadonlySet<string> = new Set();

function write(value: unknown, skip: ReadonlySet<string>, parts: string[], depth: number): boolean {
  if (typeof value !== 'object' || value === null) {
    parts.push(JSON.stringify(value) ?? 'null');
    return true;
  }
  if (depth >= MAX_DEPTH) return false;
  if (Array.isArray(value)) return writeList(value, parts, depth);
  return writeObject(value as Record<string, unknown>, skip, parts, depth);
}

function writeList(list: readonly unknown[], parts: string[], depth: number): boolean {
  parts.push('[');
  for (const item of list) {
    if (!write(item, NOTHING, parts, depth + 1)) return false;
    parts.push(',');
  }
  parts.push(']');
  return true;
}

function writeObject(
  value: Record<string, unknown>,
  skip: ReadonlySet<string>,
  parts: string[],
  depth: number,
): boolean {
  parts.push('{');
  for (const key of Object.keys(value).sort()) {
    if (skip.has(key) || key.includes('@odata.')) continue;
    parts.push(JSON.stringify(key), ':');
    if (!write(value[key], NOTHING, parts, depth + 1)) return false;
    parts.push(',');
  }
  parts.push('}');
  return true;
}
