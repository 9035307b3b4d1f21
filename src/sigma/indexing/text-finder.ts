import { AhoCorasick } from './aho-corasick.ts';
import { EndTrie } from './end-trie.ts';
import { GramFinder } from './gram-finder.ts';
import { GRAM } from './grams.ts';

/** Where a text must stand: anywhere, at the start of the value, at its end. */
export type Place = 'infix' | 'prefix' | 'suffix';

export interface SoughtText {
  /** Not empty. */
  readonly text: string;
  readonly place: Place;
  /** Handed to the caller of `search`. */
  readonly id: number;
}

/** One way to look for texts. */
interface Finder {
  /** Bytes that its tables take. */
  readonly size: number;
  search(value: string, found: (id: number) => void): void;
}

/** Finds which of many texts stand in a value: those at an end from there, long ones by grams, short ones by automaton. */
export class TextFinder {
  readonly #finders: readonly Finder[];

  constructor(sought: readonly SoughtText[]) {
    const [prefixes, suffixes, long, short] = [
      sought.filter(({ place }) => place === 'prefix'),
      sought.filter(({ place }) => place === 'suffix'),
      sought.filter(({ place, text }) => place === 'infix' && text.length >= GRAM),
      sought.filter(({ place, text }) => place === 'infix' && text.length < GRAM),
    ];
    this.#finders = [
      ...(prefixes.length === 0 ? [] : [new EndTrie(prefixes, false)]),
      ...(suffixes.length === 0 ? [] : [new EndTrie(suffixes, true)]),
      ...(long.length === 0 ? [] : [new GramFinder(long)]),
      ...(short.length === 0 ? [] : [new AhoCorasick(short)]),
    ];
  }

  get size(): number {
    return this.#finders.reduce((sum, { size }) => sum + size, 0);
  }

  /** Calls `found` with the id of each text that stands in `value` where it must; an id may come several times. */
  search(value: string, found: (id: number) => void): void {
    for (const finder of this.#finders) finder.search(value, found);
  }
}
