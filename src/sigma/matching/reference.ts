import type { FieldReferenceValue } from '../language/ast.ts';
import { fold } from './fold.ts';
import { toText } from './leaf.ts';
import { meter } from './meter.ts';
import type { FieldAccess } from './path.ts';

/** Different values of the other field that are compared; the rest of a longer list is not looked at. */
export const MAX_REFERENCES = 64;

/** Up to here V8 searches fast enough on its worst input (text × needle). */
const SHORT_NEEDLE = 256;

type Compare = (text: string, wanted: string) => boolean;

/** True if a value of the field is equal to (or begins, ends, contains) a value of the other field. */
export function compileReference<T>(
  value: FieldReferenceValue,
  access: FieldAccess<T>,
  other: FieldAccess<T>,
): (event: T) => boolean {
  const texts = (leaf: unknown): string | null => {
    const text = toText(leaf);
    return text === null || value.cased ? text : fold(text);
  };
  const compare = comparison(value);
  return (event) => {
    const wanted = new Set<string>();
    other.some(event, (leaf) => {
      const text = texts(leaf);
      if (text !== null) wanted.add(text);
      return wanted.size >= MAX_REFERENCES;
    });
    if (wanted.size === 0) return false;
    return access.some(event, (leaf) => {
      const text = texts(leaf);
      if (text === null) return false;
      if (compare === null) return wanted.has(text);
      for (const one of wanted) if (compare(text, one)) return true;
      return false;
    });
  };
}

/** Null for equality, which a set answers. */
function comparison({ before, after }: FieldReferenceValue): Compare | null {
  if (before && after) return contains;
  if (after) return (text, wanted) => text.startsWith(wanted);
  return before ? (text, wanted) => text.endsWith(wanted) : null;
}

/** Both texts may be hostile, so a long needle is searched for in linear time (Knuth, Morris, Pratt). */
function contains(text: string, needle: string): boolean {
  meter.steps += text.length;
  if (needle.length > text.length) return false;
  if (needle.length <= SHORT_NEEDLE) return text.includes(needle);
  const borders = bordersOf(needle);
  let matched = 0;
  for (let i = 0; i < text.length; i++) {
    while (matched > 0 && text[i] !== needle[matched]) matched = borders[matched - 1] ?? 0;
    if (text[i] === needle[matched]) matched++;
    if (matched === needle.length) return true;
  }
  return false;
}

/** For each prefix, the length of its longest proper prefix that is also its suffix. */
function bordersOf(needle: string): Uint32Array {
  const borders = new Uint32Array(needle.length);
  let length = 0;
  for (let i = 1; i < needle.length; i++) {
    while (length > 0 && needle[i] !== needle[length]) length = borders[length - 1] ?? 0;
    if (needle[i] === needle[length]) length++;
    borders[i] = length;
  }
  return borders;
}
