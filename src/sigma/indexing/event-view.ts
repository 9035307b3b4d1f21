import { fold } from '../matching/fold.ts';
import { toNumber, toText } from '../matching/leaf.ts';
import { MAX_EVENT_DEPTH, existsAt, someAt, someLeaf, toPath } from '../matching/path.ts';
import type { Path } from '../matching/path.ts';

const NOTHING: readonly unknown[] = [];
const NO_TEXTS: readonly string[] = [];
const NO_NUMBERS: readonly number[] = [];

/** Leaves of one field up to which a list is emptied one by one. */
const KEPT = 8;

/** Forms of a slot's leaves, as bits. */
const TEXTS = 1;
const FOLDED = 2;
const NUMBERS = 4;

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
 * A view is reused from event to event: what its methods return holds until the next `reset`. The slot `everywhere`
 * holds every leaf of the event at any depth, read when it is first asked for: what keywords look at.
 */
export class EventView {
  readonly fields: readonly string[];
  readonly #paths: readonly Path[];
  readonly #trail: Trail = { keys: new Map() };
  readonly #slots = new Map<string, number>();
  readonly #leaves: unknown[][];
  readonly #texts: string[][];
  readonly #folded: string[][];
  readonly #numbers: number[][];
  /** By slot: the forms made so far. */
  readonly #made: Uint8Array;
  readonly #isPresent: Uint8Array;
  /** Slots that the event fills, in `#present[0..#count]`. */
  readonly #present: Int32Array;
  /** A slot after those of the fields. */
  readonly everywhere: number;
  #allRead = false;
  #count = 0;
  #turn = 0;
  #event: object = {};

  constructor(fields: readonly string[]) {
    this.fields = [...new Set(fields)];
    this.#paths = this.fields.map(toPath);
    const count = this.fields.length;
    this.fields.forEach((field, slot) => {
      this.#slots.set(field, slot);
      addTrail(this.#trail, this.#paths[slot] as Path, slot);
    });
    this.everywhere = count;
    this.#leaves = Array.from({ length: count + 1 }, () => []);
    this.#texts = Array.from({ length: count + 1 }, () => []);
    this.#folded = Array.from({ length: count + 1 }, () => []);
    this.#numbers = Array.from({ length: count + 1 }, () => []);
    this.#made = new Uint8Array(count + 1);
    this.#isPresent = new Uint8Array(count + 1);
    this.#isPresent[count] = 1;
    this.#present = new Int32Array(count);
  }

  /** The number of a field, or -1. */
  slotOf(field: string): number {
    return this.#slots.get(field) ?? -1;
  }

  get event(): object {
    return this.#event;
  }

  /** Counts the events taken: what was found out of one event is void when it has changed. */
  get turn(): number {
    return this.#turn;
  }

  /** Takes the next event. The view keeps it until then. */
  reset(event: object): void {
    for (let i = 0; i < this.#count; i++) {
      const slot = this.#present[i] as number;
      this.#clear(slot);
      this.#isPresent[slot] = 0;
    }
    this.#count = 0;
    if (this.#allRead) this.#clear(this.everywhere);
    this.#allRead = false;
    this.#turn++;
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

  /** Every value at the field, arrays opened; nulls and objects too. For `everywhere`: the event's scalars and nulls. */
  leaves(slot: number): readonly unknown[] {
    if (slot === this.everywhere) this.#readAll();
    return this.#leaves[slot] ?? NOTHING;
  }

  /** The texts of the leaves that have one. */
  texts(slot: number): readonly string[] {
    const texts = this.#texts[slot];
    if (texts === undefined || this.#isPresent[slot] === 0) return NO_TEXTS;
    if (((this.#made[slot] as number) & TEXTS) !== 0) return texts;
    for (const leaf of this.leaves(slot)) {
      const text = toText(leaf);
      if (text !== null) texts.push(text);
    }
    this.#made[slot] = (this.#made[slot] as number) | TEXTS;
    return texts;
  }

  /** The same, folded. */
  folded(slot: number): readonly string[] {
    const folded = this.#folded[slot];
    if (folded === undefined || this.#isPresent[slot] === 0) return NO_TEXTS;
    if (((this.#made[slot] as number) & FOLDED) !== 0) return folded;
    for (const text of this.texts(slot)) folded.push(fold(text));
    this.#made[slot] = (this.#made[slot] as number) | FOLDED;
    return folded;
  }

  /** The numbers that comparisons see. */
  numbers(slot: number): readonly number[] {
    const numbers = this.#numbers[slot];
    if (numbers === undefined || this.#isPresent[slot] === 0) return NO_NUMBERS;
    if (((this.#made[slot] as number) & NUMBERS) !== 0) return numbers;
    for (const leaf of this.leaves(slot)) {
      const number = toNumber(leaf);
      if (number !== null) numbers.push(number);
    }
    this.#made[slot] = (this.#made[slot] as number) | NUMBERS;
    return numbers;
  }

  #readAll(): void {
    if (this.#allRead) return;
    this.#allRead = true;
    const leaves = this.#leaves[this.everywhere] as unknown[];
    someLeaf(this.#event, (leaf) => {
      leaves.push(leaf);
      return false;
    });
  }

  #clear(slot: number): void {
    empty(this.#leaves[slot] as unknown[]);
    const made = this.#made[slot] as number;
    if (made === 0) return;
    if ((made & TEXTS) !== 0) empty(this.#texts[slot] as string[]);
    if ((made & FOLDED) !== 0) empty(this.#folded[slot] as string[]);
    if ((made & NUMBERS) !== 0) empty(this.#numbers[slot] as number[]);
    this.#made[slot] = 0;
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
    for (let i = 0; i < this.#count; i++) empty(this.#leaves[this.#present[i] as number] as unknown[]);
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

/** Keeps the memory of a short list for the next event, which setting its length to 0 would give up. */
function empty(list: unknown[]): void {
  if (list.length > KEPT) list.length = 0;
  while (list.length > 0) list.pop();
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
