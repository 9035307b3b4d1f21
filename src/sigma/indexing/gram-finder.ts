import { GRAM, gramAt, nextGram, placeOfGram } from './grams.ts';
import type { Gram } from './grams.ts';
import type { SoughtText } from './text-finder.ts';

/** Places of the bitmap per text: one place of a value in that many is looked up without need. */
const PLACES_PER_TEXT = 32;
const LEAST_BITS = 8;
const MOST_BITS = 18;

/** Units that are read before what was found is looked at. */
const BLOCK = 2048;
/** Grams and where they end, of one block: only used within one call of `search`. */
const GRAMS = new Int32Array(BLOCK + 1);
const ENDS = new Int32Array(BLOCK + 1);

/** Numbers of an entry: where its text begins in the pool, its length, where its gram begins in it, its id. */
const ENTRY = 4;

/**
 * Finds which of many texts of at least four units stand anywhere in a value. Each is looked for by the one of its
 * grams that the fewest others have. A value is read once, and at most places a bit says that none of the grams is
 * there: unlike in an automaton, no step waits for the one before. Everything lies in a few flat arrays, because at
 * the places that are left most of the time goes to memory that is not in a cache.
 */
export class GramFinder {
  readonly #bits: number;
  readonly #bitmap: Int32Array;
  /** Open addressing: a gram, and its first entry × 2 + 1; 0 = free. */
  readonly #table: Int32Array;
  readonly #tableBits: number;
  /** Entries of the same gram follow each other; after the last one the length is negative. */
  readonly #entries: Int32Array;
  readonly #pool: Uint16Array;
  #last: Gram = 0;

  constructor(sought: readonly SoughtText[]) {
    const wanted = Math.ceil(Math.log2(sought.length * PLACES_PER_TEXT));
    this.#bits = Math.min(MOST_BITS, Math.max(LEAST_BITS, wanted));
    this.#bitmap = new Int32Array(2 ** (this.#bits - 5));
    this.#tableBits = Math.ceil(Math.log2(sought.length * 2 + 1));
    this.#table = new Int32Array(2 ** (this.#tableBits + 1));
    this.#entries = new Int32Array(sought.length * ENTRY);
    this.#pool = new Uint16Array(sought.reduce((sum, { text }) => sum + text.length, 0));
    this.#fill(byGram(sought));
  }

  /** Bytes that the tables take. */
  get size(): number {
    return [this.#bitmap, this.#table, this.#entries, this.#pool].reduce(
      (sum, one) => sum + one.byteLength,
      0,
    );
  }

  search(value: string, found: (id: number) => void): void {
    let gram = 0;
    for (let from = 0; from < value.length; from += BLOCK) {
      const to = Math.min(value.length, from + BLOCK);
      const hits = this.#scan(value, from, to, gram);
      gram = this.#last;
      for (let hit = 0; hit < hits; hit++)
        this.#look(GRAMS[hit] as number, value, (ENDS[hit] as number) + 1 - GRAM, found);
    }
  }

  /** Notes the places whose bit is set, and leaves what it has read in `#last`. Nothing in the loop branches. */
  #scan(value: string, from: number, to: number, before: Gram): number {
    const bitmap = this.#bitmap;
    const bits = this.#bits;
    let gram = before;
    let hits = 0;
    for (let i = from; i < to; i++) {
      gram = nextGram(gram, value.charCodeAt(i));
      const place = placeOfGram(gram, bits);
      GRAMS[hits] = gram;
      ENDS[hits] = i;
      // Shifts take the count modulo 32.
      hits += ((bitmap[place >> 5] as number) >>> place) & 1;
    }
    this.#last = gram;
    return hits;
  }

  /** `at` is where the gram begins; before the first four units it is below 0. */
  #look(gram: Gram, value: string, at: number, found: (id: number) => void): void {
    const entries = this.#entries;
    let entry = this.#entryOf(gram);
    if (entry < 0) return;
    for (let more = true; more; entry += ENTRY) {
      const length = entries[entry + 1] as number;
      more = length > 0;
      const start = at - (entries[entry + 2] as number);
      if (this.#stands(value, start, entries[entry] as number, more ? length : -length))
        found(entries[entry + 3] as number);
    }
  }

  #stands(value: string, start: number, from: number, length: number): boolean {
    if (start < 0 || start + length > value.length) return false;
    const pool = this.#pool;
    for (let i = 0; i < length; i++) if (value.charCodeAt(start + i) !== pool[from + i]) return false;
    return true;
  }

  #entryOf(gram: Gram): number {
    const table = this.#table;
    for (let at = placeOfGram(gram, this.#tableBits) * 2; ; at = (at + 2) & (table.length - 1)) {
      const entry = table[at + 1] as number;
      if (entry === 0) return -1;
      if (table[at] === gram) return entry >> 1;
    }
  }

  #fill(groups: ReadonlyMap<Gram, readonly Located[]>): void {
    let entry = 0;
    let end = 0;
    for (const [gram, texts] of groups) {
      this.#addGram(gram, entry);
      texts.forEach(({ text, id, offset }, i) => {
        for (let at = 0; at < text.length; at++) this.#pool[end + at] = text.charCodeAt(at);
        const length = i === texts.length - 1 ? -text.length : text.length;
        this.#entries.set([end, length, offset, id], entry);
        end += text.length;
        entry += ENTRY;
      });
    }
  }

  #addGram(gram: Gram, entry: number): void {
    const place = placeOfGram(gram, this.#bits);
    this.#bitmap[place >> 5] = (this.#bitmap[place >> 5] as number) | (1 << (place & 31));
    let at = placeOfGram(gram, this.#tableBits) * 2;
    while (this.#table[at + 1] !== 0) at = (at + 2) & (this.#table.length - 1);
    this.#table[at] = gram;
    this.#table[at + 1] = entry * 2 + 1;
  }
}

/** A text and where its gram begins. */
interface Located extends SoughtText {
  readonly offset: number;
}

function byGram(sought: readonly SoughtText[]): Map<Gram, Located[]> {
  const common = countGrams(sought);
  const groups = new Map<Gram, Located[]>();
  for (const one of sought) {
    const offset = rarestGram(one.text, common);
    const gram = gramAt(one.text, offset);
    const group = groups.get(gram);
    if (group === undefined) groups.set(gram, [{ ...one, offset }]);
    else group.push({ ...one, offset });
  }
  return groups;
}

function countGrams(sought: readonly SoughtText[]): Map<Gram, number> {
  const common = new Map<Gram, number>();
  for (const { text } of sought) {
    for (let at = 0; at + GRAM <= text.length; at++) {
      const gram = gramAt(text, at);
      common.set(gram, (common.get(gram) ?? 0) + 1);
    }
  }
  return common;
}

function rarestGram(text: string, common: ReadonlyMap<Gram, number>): number {
  let least = Infinity;
  let rarest = 0;
  for (let at = 0; at + GRAM <= text.length; at++) {
    const count = common.get(gramAt(text, at)) ?? 0;
    if (count >= least) continue;
    least = count;
    rarest = at;
  }
  return rarest;
}
