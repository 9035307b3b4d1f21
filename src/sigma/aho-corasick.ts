/**
 * Finds which of many texts stand in a value, in one pass over its UTF-16 units (Aho and Corasick 1975), with the
 * transitions written out: one table look-up per unit. Units that no text has lead back to the start.
 */

/** Where a text must stand: anywhere, at the start of the value, at its end. */
export type Place = 'infix' | 'prefix' | 'suffix';

export interface SoughtText {
  /** Not empty. */
  readonly text: string;
  readonly place: Place;
  /** Handed to the caller of `search`. */
  readonly id: number;
}

const ASCII = 128;

/** Texts of one kind that end in the same state. */
interface Ending {
  readonly length: number;
  readonly infix: readonly number[];
  readonly prefix: readonly number[];
  readonly suffix: readonly number[];
}

export class AhoCorasick {
  /** Class of each unit; 0 = in no text. */
  readonly #ascii = new Uint16Array(ASCII);
  readonly #beyond = new Map<number, number>();
  readonly #classes: number;
  /** state × classes + class → the state reached, as its row (state × classes) × 2, plus 1 where a text ends. */
  readonly #next: Int32Array;
  /** The nearest state, the state itself or one of its suffixes, in which a text ends; 0 = none. */
  readonly #ending: Int32Array;
  /** The same, strictly shorter. */
  readonly #shorter: Int32Array;
  readonly #endings: (Ending | null)[];

  constructor(sought: readonly SoughtText[]) {
    this.#classes = this.#numberUnits(sought) + 1;
    const most = sought.reduce((sum, { text }) => sum + text.length, 1);
    const next = new Int32Array(most * this.#classes);
    const endings: (Ending | null)[] = [null];
    for (const one of sought) this.#insert(next, endings, one);
    const states = endings.length;
    this.#next = next.subarray(0, states * this.#classes);
    this.#endings = endings;
    this.#ending = new Int32Array(states);
    this.#shorter = new Int32Array(states);
    this.#link();
    this.#next = this.#next.map((state) => state * this.#classes * 2 + (this.#ending[state] === 0 ? 0 : 1));
  }

  /** Bytes that the tables take. */
  get size(): number {
    return this.#next.byteLength + this.#ending.byteLength * 2;
  }

  /** Calls `found` with the id of each text that stands in `value` where it must; an id may come several times. */
  search(value: string, found: (id: number) => void): void {
    const next = this.#next;
    const ascii = this.#ascii;
    let state = 0;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      const unitClass = unit < ASCII ? (ascii[unit] as number) : (this.#beyond.get(unit) ?? 0);
      state = next[(state >> 1) + unitClass] as number;
      if ((state & 1) === 1) this.#report((state >> 1) / this.#classes, i + 1, value.length, found);
    }
  }

  #report(state: number, end: number, length: number, found: (id: number) => void): void {
    for (let at = this.#ending[state] as number; at !== 0; at = this.#shorter[at] as number) {
      const ending = this.#endings[at] as Ending;
      for (const id of ending.infix) found(id);
      if (ending.length === end) for (const id of ending.prefix) found(id);
      if (end === length) for (const id of ending.suffix) found(id);
    }
  }

  #numberUnits(sought: readonly SoughtText[]): number {
    let count = 0;
    for (const { text } of sought) {
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        if (this.#classOf(unit) !== 0) continue;
        count++;
        if (unit < ASCII) this.#ascii[unit] = count;
        else this.#beyond.set(unit, count);
      }
    }
    return count;
  }

  #classOf(unit: number): number {
    return unit < ASCII ? (this.#ascii[unit] as number) : (this.#beyond.get(unit) ?? 0);
  }

  #insert(next: Int32Array, endings: (Ending | null)[], { text, place, id }: SoughtText): void {
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const at = state * this.#classes + this.#classOf(text.charCodeAt(i));
      if (next[at] === 0) next[at] = endings.push(null) - 1;
      state = next[at] as number;
    }
    const known = endings[state] ?? { length: text.length, infix: [], prefix: [], suffix: [] };
    endings[state] = { ...known, [place]: [...known[place], id] };
  }

  /** Breadth first: where a state has no way of its own, it goes where its longest suffix goes. */
  #link(): void {
    const next = this.#next;
    const classes = this.#classes;
    const suffix = new Int32Array(this.#endings.length);
    const queue: number[] = [];
    for (let c = 0; c < classes; c++) if (next[c] !== 0) queue.push(next[c] as number);
    for (let head = 0; head < queue.length; head++) {
      const state = queue[head] as number;
      const link = suffix[state] as number;
      this.#shorter[state] = this.#ending[link] as number;
      this.#ending[state] = this.#endings[state] == null ? (this.#ending[link] as number) : state;
      for (let c = 0; c < classes; c++) {
        const child = next[state * classes + c] as number;
        const over = next[link * classes + c] as number;
        if (child === 0) next[state * classes + c] = over;
        else {
          suffix[child] = over;
          queue.push(child);
        }
      }
    }
  }
}
