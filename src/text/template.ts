import { cleanWord } from './hostile.ts';

/**
 * Fills `{name}` in a detection's text. Words are hostile: each is cleaned and bounded (`cleanWord`), and is not read
 * again for placeholders. A placeholder without a word becomes `unknown` (a neutral word in the reader's language).
 * Never throws.
 */
export function fillTemplate(
  text: string,
  words: Readonly<Record<string, unknown>>,
  unknown: string,
): string {
  return text.replace(/\{([^{}]*)\}/gu, (_, name: string) => wordOf(words, name) || unknown);
}

function wordOf(words: Readonly<Record<string, unknown>>, name: string): string {
  // hasOwn: `{constructor}` must not find what every object has.
  if (!Object.hasOwn(words, name)) return '';
  const value = words[name];
  return typeof value === 'string' || typeof value === 'number' ? cleanWord(String(value)) : '';
}
