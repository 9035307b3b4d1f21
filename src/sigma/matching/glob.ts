import type { PatternPart } from '../language/ast.ts';
import { meter } from './meter.ts';
import { isStar } from '../language/pattern.ts';

export type TextTest = (text: string) => boolean;

/** Exactly one character: of these, or any at all. */
type OneCharacter = readonly string[] | null;

/** Between two stars: literals and single characters. */
type Segment = readonly (string | OneCharacter)[];

/**
 * A matcher for a pattern (already folded where case does not matter). Plain, prefix, suffix and infix patterns use
 * string methods; the rest finds each segment at its leftmost place, which never needs to go back: the work is
 * bounded by text length × longest segment. Patterns never become regular expressions.
 */
export function compileGlob(parts: readonly PatternPart[]): TextTest {
  const segments = splitAtStars(parts);
  const simple = segments.every((s) => s.length === 0 || (s.length === 1 && typeof s[0] === 'string'));
  const literals = segments.map((s) => (typeof s[0] === 'string' ? s[0] : ''));
  const [first = '', last = ''] = [literals[0], literals.at(-1)];
  if (simple && segments.length === 1) return (text) => text === first;
  if (simple && segments.length === 2) return betweenEnds(first, last);
  const middle = literals[1] ?? '';
  if (simple && segments.length === 3 && first === '' && last === '') return (text) => text.includes(middle);
  return (text) => matchSegments(text, segments);
}

function betweenEnds(first: string, last: string): TextTest {
  if (first === '' && last === '') return () => true;
  if (last === '') return (text) => text.startsWith(first);
  if (first === '') return (text) => text.endsWith(last);
  const least = first.length + last.length;
  return (text) => text.length >= least && text.startsWith(first) && text.endsWith(last);
}

function splitAtStars(parts: readonly PatternPart[]): Segment[] {
  const segments: (string | OneCharacter)[][] = [[]];
  parts.forEach((part, i) => {
    if (isStar(part)) {
      if (i === 0 || !isStar(parts[i - 1])) segments.push([]);
    } else segments.at(-1)?.push(typeof part === 'string' ? part : toOneCharacter(part));
  });
  return segments;
}

function toOneCharacter(part: Exclude<PatternPart, string>): OneCharacter {
  if ('oneOf' in part) return [...part.oneOf];
  if ('wild' in part) return null;
  throw new Error(`compile pattern: placeholder '${part.placeholder}' has no values yet; resolve it first`);
}

function accepts(one: OneCharacter, text: string, from: number, to: number): boolean {
  return one === null || one.includes(text.slice(from, to));
}

function matchSegments(text: string, segments: readonly Segment[]): boolean {
  meter.steps += text.length;
  const last = segments.length - 1;
  let from = endOf(text, 0, segments[0] ?? []);
  if (last === 0) return from === text.length;
  for (let i = 1; i < last && from >= 0; i++) from = find(text, from, segments[i] ?? []);
  if (from < 0) return false;
  const start = startOf(text, segments[last] ?? []);
  return start >= from;
}

/** The end of the leftmost occurrence at or after `from`, or -1. */
function find(text: string, from: number, segment: Segment): number {
  const lead = segment[0];
  if (segment.length === 1 && typeof lead === 'string') {
    const at = text.indexOf(lead, from);
    return at < 0 ? -1 : at + lead.length;
  }
  for (let at = from; at <= text.length; at = next(text, at)) {
    const end = endOf(text, at, segment);
    if (end >= 0) return end;
  }
  return -1;
}

/** Where `segment` ends if it begins at `at`, or -1. */
function endOf(text: string, at: number, segment: Segment): number {
  let position = at;
  for (const piece of segment) {
    meter.steps++;
    if (typeof piece !== 'string') {
      if (position >= text.length) return -1;
      const end = next(text, position);
      if (!accepts(piece, text, position, end)) return -1;
      position = end;
    } else {
      if (!text.startsWith(piece, position)) return -1;
      position += piece.length;
    }
  }
  return position;
}

/** Where `segment` begins if it ends with the text, or -1. */
function startOf(text: string, segment: Segment): number {
  let position = text.length;
  for (let i = segment.length - 1; i >= 0; i--) {
    const piece = segment[i] ?? null;
    if (typeof piece !== 'string') {
      if (position <= 0) return -1;
      const begin = previous(text, position);
      if (!accepts(piece, text, begin, position)) return -1;
      position = begin;
    } else {
      if (!text.endsWith(piece, position)) return -1;
      position -= piece.length;
    }
  }
  return position;
}

/** `?` is one code point: a surrogate pair counts once. */
function next(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

function previous(text: string, at: number): number {
  return at - (at > 1 && (text.codePointAt(at - 2) ?? 0) > 0xffff ? 2 : 1);
}
