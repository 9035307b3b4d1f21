import { de } from './de.ts';
import { en, type Texts } from './en.ts';

export type { Cause, Texts } from './en.ts';

/** Every language with a catalogue. A further one is a file `<tag>.ts` whose object is typed `Texts`, and a line here. */
const LANGUAGES: Readonly<Record<string, Texts>> = { de, en };

/** Texts for a language tag (`de-AT` finds `de`); English where we do not speak it. */
export function textsFor(language: string): Texts {
  const tag = language.toLowerCase().split('-')[0] ?? '';
  return Object.hasOwn(LANGUAGES, tag) ? (LANGUAGES[tag] ?? en) : en;
}

/** A detection's texts by language (column `detection_version.texts`): the reader's, else English, else nothing. */
export function inLanguage<T>(texts: Readonly<Record<string, T>>, language: string): T | null {
  const tag = language.toLowerCase().split('-')[0] ?? '';
  if (Object.hasOwn(texts, tag)) return texts[tag] ?? null;
  return Object.hasOwn(texts, 'en') ? (texts['en'] ?? null) : null;
}
