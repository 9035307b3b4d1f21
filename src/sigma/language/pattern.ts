import type { PatternPart, Wildcard } from './ast.ts';

const STAR: Wildcard = { wild: '*' };
const QUESTION: Wildcard = { wild: '?' };

/**
 * Reads a Sigma string: `*` and `?` are wildcards, `\*` `\?` `\\` are the characters themselves, and a backslash
 * before anything else (or at the end) is a backslash.
 */
export function parsePattern(text: string): PatternPart[] {
  const parts: PatternPart[] = [];
  let literal = '';
  const wildcard = (part: Wildcard): void => {
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(part);
  };
  for (let i = 0; i < text.length; i++) {
    const character = text[i] ?? '';
    const next = text[i + 1];
    if (character === '\\' && (next === '\\' || next === '*' || next === '?')) {
      literal += next;
      i++;
    } else if (character === '*') wildcard(STAR);
    else if (character === '?') wildcard(QUESTION);
    else literal += character;
  }
  if (literal !== '') parts.push(literal);
  return parts;
}

/** Puts `*` before and/or after a pattern unless one is there: what contains, startswith and endswith do. */
export function widen(parts: readonly PatternPart[], before: boolean, after: boolean): PatternPart[] {
  const widened = [...parts];
  if (before && !isStar(widened[0])) widened.unshift(STAR);
  if (after && !isStar(widened.at(-1))) widened.push(STAR);
  return widened;
}

export function isStar(part: PatternPart | undefined): boolean {
  return typeof part === 'object' && 'wild' in part && part.wild === '*';
}
