import type { CharacterClass, PatternPart } from './ast.ts';

/** What Windows programs take for the dash of an option: hyphen, slash, en dash, em dash, horizontal bar. */
const DASHES: CharacterClass = { oneOf: '-/\u2013\u2014\u2015' };

const WORD = /[\p{L}\p{N}_]/u;

/**
 * Lets each `-` or `/` that begins an option be any of the five dashes: one at `\B[-/]\b`, which has no word
 * character before it and one behind it. A wildcard counts as the edge of the text, as in pySigma.
 */
export function openDashes(parts: readonly PatternPart[]): PatternPart[] {
  return parts.flatMap((part) => (typeof part === 'string' ? openLiteral(part) : [part]));
}

function openLiteral(text: string): PatternPart[] {
  const parts: PatternPart[] = [];
  const characters = [...text];
  let literal = '';
  characters.forEach((character, i) => {
    const dash = character === '-' || character === '/';
    if (dash && !isWord(characters[i - 1]) && isWord(characters[i + 1])) {
      if (literal !== '') parts.push(literal);
      parts.push(DASHES);
      literal = '';
    } else literal += character;
  });
  if (literal !== '') parts.push(literal);
  return parts;
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && WORD.test(character);
}
