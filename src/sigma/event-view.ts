import { fold } from './fold.ts';
import { toText } from './leaf.ts';
import { MAX_EVENT_DEPTH, existsAt, someAt, someLeaf, toPath } from './path.ts';
import type { Path } from './path.ts';

const NOTHING: readonly unknown[] = [];
const NO_TEXTS: readonly string[] = [];

/** What may follow at an object: its keys, each with the slots that end there and the names that go on. */
interface Trail {
  readonly keys: Map<string, Turn>;
}

interface Turn {
  /** Slots whose whole remaining name is this key. */
  readonly ends: number[];
  /** Where the key holds a dot: the key that it hides, the first of the same name taken apart. */
  readonly hides: string | null;
  next: Trail | null;
}

/**
 * One event as rules read it: each field is a slot, and its leaves are found and folded once for all rules. One walk
 * over the event finds the slots it fills; what it does not name is not entered. The walk reads a field as someAt does
 * (a flat key first, then dotted descent, arrays = any member); where an event has both a key with a dot and
 * the descent that it hides, each slot is read by someAt itself. Own enumerable properties only, which is
 * all that JSON has.
 *
 * A view is reused from event to event: what its methods return holds until the next `reset`.
 */
export class EventView {
  readonly fields: readonly string[];
  readonly #paths: readonly Path[];
  readonly #trail: Trail = { keys: new Map() };
  readonly #slots = new Map<string, number>();
  readonly #leaves: unknown[][];
  readonly #folded: string[][];
  readonly #isFolded: Uint8Array;
  readonly #isPresent: Uint8Array;
  /** Slots that the event fills, in `#present[0..#count]`. */
  readonly #present: Int32Array;
  readonly #all: string[] = [];
  #allRead = false;
  #count = 0;
  #event: object = {};

  constructor(fields: readonly string[]) {
    this.fields = [...new Set(fields)];
    this.#paths = this.fields.map(toPath);
    const count = this.fields.length;
    this.fields.forEach((field, slot) => {
      this.#slots.set(field, slot);
      addTrail(this.#trail, this.#paths[slot] as Path, slot);
    });
    this.#leaves = Array.from({ length: count }, () => []);
    this.#folded = Array.from({ length: count }, () => []);
    this.#isFolded = new Uint8Array(count);
    this.#isPresent = new Uint8Array(count);
    this.#present = new Int32Array(count);
  }

  /** The number of a field, or -1. */
  slotOf(field: string): number {
    return this.#slots.get(field) ?? -1;
  }

  /** Takes the next event. The view keeps it until then. */
  reset(event: object): void {
    for (let i = 0; i < this.#count; i++) {
      const slot = this.#present[i] as number;
      (this.#leaves[slot] as unknown[]).length = 0;
      this.#isFolded[slot] = 0;
      this.#isPresent[slot] = 0;
    }
    this.#count = 0;
    this.#allRead = false;
    this.#event = event;
    if (!this.#walk(event, this.#trail, 0)) this.#readEach();
  }

  /** How many slots the event fills; `presentAt(0 … presentCount - 1)` are they. */
  get presentCount(): number {
    return this.#count;
  }

  presentAt(index: number): number {
    return this.#present[index] as number;
  }

  /** True if the field itself is there, whatever it holds. */
  exists(slot: number): boolean {
    return this.#isPresent[slot] === 1;
  }

  /** Every value at the field, arrays opened; nulls and objects too. */
  leaves(slot: number): readonly unknown[] {
    return this.#leaves[slot] ?? NOTHING;
  }

  /** The folded texts of the leaves that have one. */
  folded(slot: number): readonly string[] {
    const texts = this.#folded[slot];
    if (texts === undefined || this.#isPresent[slot] === 0) return NO_TEXTS;
    if (this.#isFolded[slot] === 1) return texts;
    this.#isFolded[slot] = 1;
    texts.length = 0;
    for (const leaf of this.#leaves[slot] as unknown[]) {
      const text = toText(leaf);
      if (text !== null) texts.push(fold(text));
    }
    return texts;
  }

  /** The folded text of every leaf of the event at any depth: what keywords look at. */
  allFolded(): readonly string[] {
    if (this.#allRead) return this.#all;
    this.#allRead = true;
    this.#all.length = 0;
    someLeaf(this.#event, (leaf) => {
      const text = toText(leaf);
      if (text !== null) this.#all.push(fold(text));
      return false;
    });
    return this.#all;
  }

  /** False where a flat key with a dot really hides a descent: the walk cannot tell which slots it is to leave out. */
  #walk(node: object, trail: Trail, depth: number): boolean {
    if (depth > MAX_EVENT_DEPTH) return true;
    if (Array.isArray(node)) return this.#walkEach(node, trail, depth + 1);
    for (const key in node) {
      const turn = trail.keys.get(key);
      if (turn === undefined || !Object.hasOwn(node, key)) continue;
      if (turn.hides !== null && Object.hasOwn(node, turn.hides)) return false;
      const value = (node as Record<string, unknown>)[key];
      for (const slot of turn.ends) this.#fill(slot, value, depth + 1);
      if (turn.next !== null && isObject(value) && !this.#walk(value, turn.next, depth + 1)) return false;
    }
    return true;
  }

  #walkEach(members: readonly unknown[], trail: Trail, depth: number): boolean {
    for (const member of members) if (isObject(member) && !this.#walk(member, trail, depth)) return false;
    return true;
  }

  #fill(slot: number, value: unknown, depth: number): void {
    if (value === undefined) return;
    this.#mark(slot);
    addLeaves(this.#leaves[slot] as unknown[], value, depth);
  }

  #mark(slot: number): void {
    if (this.#isPresent[slot] === 1) return;
    this.#isPresent[slot] = 1;
    this.#present[this.#count++] = slot;
  }

  #readEach(): void {
    for (let i = 0; i < this.#count; i++) (this.#leaves[this.#present[i] as number] as unknown[]).length = 0;
    for (let slot = 0; slot < this.#paths.length; slot++) {
      const path = this.#paths[slot] as Path;
      if (!existsAt(this.#event, path)) {
        if (this.#isPresent[slot] === 1) this.#unmark(slot);
        continue;
      }
      this.#mark(slot);
      const leaves = this.#leaves[slot] as unknown[];
      someAt(this.#event, path, (leaf) => {
        leaves.push(leaf);
        return false;
      });
    }
  }

  #unmark(slot: number): void {
    this.#isPresent[slot] = 0;
    const at = this.#present.indexOf(slot);
    this.#present[at] = this.#present[--this.#count] as number;
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** `a.b.c` can be the key `a.b.c`, or `a` and then the rest. */
function addTrail(trail: Trail, path: Path, slot: number): void {
  turnOf(trail, path.flat).ends.push(slot);
  if (path.rest === null) return;
  const turn = turnOf(trail, path.head);
  turn.next ??= { keys: new Map() };
  addTrail(turn.next, path.rest, slot);
}

function turnOf(trail: Trail, key: string): Turn {
  const known = trail.keys.get(key);
  if (known !== undefined) return known;
  const dot = key.indexOf('.');
  const turn: Turn = { ends: [], hides: dot < 0 ? null : key.slice(0, dot), next: null };
  trail.keys.set(key, turn);
  return turn;
}

function addLeaves(leaves: unknown[], value: unknown, depth: number): void {
  if (!Array.isArray(value)) {
    if (value !== undefined) leaves.push(value);
  } else if (depth <= MAX_EVENT_DEPTH) {
    for (const member of value as unknown[]) addLeaves(leaves, member, depth + 1);
  }
}
