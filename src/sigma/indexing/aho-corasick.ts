import type { SoughtText } from './text-finder.ts';
import { UnitClasses } from './unit-classes.ts';

/**
 * Finds which of many texts stand in a value, in one pass over its UTF-16 units (Aho and Corasick 1975), with the
 * transitions written out: one table look-up per unit. Units that no text has lead back to the start.
 */

export class AhoCorasick {
  readonly #classes: UnitClasses;
  /** state × classes + class → the state reached, as its row (state × classes) × 2, plus 1 where a text ends. */
  readonly #next: Int32Array;
  /** The nearest state, the state itself or one of its suffixes, in which a text ends; 0 = none. */
  readonly #ending: Int32Array;
  /** The same, strictly shorter. */
  readonly #shorter: Int32Array;
  /** By state: ids of the texts that are the state. */
  readonly #endings: (readonly number[] | null)[] = [null];

  constructor(sought: readonly SoughtText[]) {
    this.#classes = new UnitClasses(sought.map(({ text }) => text));
    const { count } = this.#classes;
    const most = sought.reduce((sum, { text }) => sum + text.length, 1);
    const next = new Int32Array(most * count);
    for (const one of sought) this.#insert(next, one);
    const states = this.#endings.length;
    this.#ending = new Int32Array(states);
    this.#shorter = new Int32Array(states);
    this.#next = next.subarray(0, states * count);
    this.#link();
    this.#next = this.#next.map((state) => state * count * 2 + (this.#ending[state] === 0 ? 0 : 1));
  }

  /** Bytes that the tables take. */
  get size(): number {
    return this.#next.byteLength + this.#ending.byteLength * 2;
  }

  /** Calls `found` with the id of each text that stands anywhere in `value`; an id may come several times. */
  search(value: string, found: (id: number) => void): void {
    const next = this.#next;
    const classes = this.#classes;
    let state = 0;
    for (let i = 0; i < value.length; i++) {
      state = next[(state >> 1) + classes.of(value.charCodeAt(i))] as number;
      if ((state & 1) === 1) this.#report((state >> 1) / classes.count, found);
    }
  }

  #report(state: number, found: (id: number) => void): void {
    for (let at = this.#ending[state] as number; at !== 0; at = this.#shorter[at] as number) {
      for (const id of this.#endings[at] as readonly number[]) found(id);
    }
  }

  #insert(next: Int32Array, { text, id }: SoughtText): void {
    let state = 0;
    for (let i = 0; i < text.length; i++) {
      const at = state * this.#classes.count + this.#classes.of(text.charCodeAt(i));
      if (next[at] === 0) next[at] = this.#endings.push(null) - 1;
      state = next[at] as number;
    }
    this.#endings[state] = [...(this.#endings[state] ?? []), id];
  }

  /** Breadth first: where a state has no way of its own, it goes where its longest suffix goes. */
  #link(): void {
    const next = this.#next;
    const classes = this.#classes.count;
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
