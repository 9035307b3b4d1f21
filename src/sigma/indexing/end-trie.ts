import type { SoughtText } from './text-finder.ts';
import { UnitClasses } from './unit-classes.ts';

const NONE: readonly number[] = [];

/** Finds which of many texts a value begins with, or ends with: one walk from that end, over as soon as none is left. */
export class EndTrie {
  readonly #backwards: boolean;
  readonly #classes: UnitClasses;
  /** state × classes + class → the next state, 0 = none. */
  readonly #next: Int32Array;
  /** By state: the ids of the texts that are complete there. */
  readonly #complete: readonly (readonly number[])[];

  constructor(sought: readonly SoughtText[], backwards: boolean) {
    this.#backwards = backwards;
    this.#classes = new UnitClasses(sought.map(({ text }) => text));
    const { count } = this.#classes;
    const complete: (readonly number[])[] = [NONE];
    const next = new Int32Array(sought.reduce((sum, { text }) => sum + text.length, 1) * count);
    for (const { text, id } of sought) {
      let state = 0;
      for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(backwards ? text.length - 1 - i : i);
        const at = state * count + this.#classes.of(unit);
        if (next[at] === 0) next[at] = complete.push(NONE) - 1;
        state = next[at] as number;
      }
      complete[state] = [...(complete[state] ?? NONE), id];
    }
    this.#next = next.slice(0, complete.length * count);
    this.#complete = complete;
  }

  /** Bytes that the table takes. */
  get size(): number {
    return this.#next.byteLength;
  }

  search(value: string, found: (id: number) => void): void {
    const last = value.length - 1;
    const { count } = this.#classes;
    let state = 0;
    for (let i = 0; i <= last; i++) {
      const unitClass = this.#classes.of(value.charCodeAt(this.#backwards ? last - i : i));
      state = this.#next[state * count + unitClass] as number;
      if (state === 0) return;
      const complete = this.#complete[state] as readonly number[];
      for (let at = 0; at < complete.length; at++) found(complete[at] as number);
    }
  }
}
