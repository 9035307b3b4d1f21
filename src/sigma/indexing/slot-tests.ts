import type { Item } from '../language/ast.ts';
import type { ConditionNode, SelectionNode } from '../matching/compiled-detection.ts';
import type { EventView } from './event-view.ts';
import type { LeafTests } from '../matching/leaf-tests.ts';
import type { CompiledItem, CompiledValues } from '../matching/match.ts';
import { allOf, anyOf, compileFieldTests } from '../matching/match.ts';
import type { FieldAccess } from '../matching/path.ts';

/** A test of the event that a view holds. */
export type SlotTest = (view: EventView) => boolean;

/** Why an item looks at the event itself: its name has indexes, which slots do not have. */
function isDotted(item: Item): boolean {
  return item.steps === undefined && item.values.every((v) => v.kind !== 'fieldref' || v.steps === undefined);
}

/** Texts that were looked for in the view's event already, for all rules at once. */
export interface FoundTexts {
  /** The number of a folded text that is looked for anywhere in the texts of a field (null: in all leaves), or null. */
  numberOf(field: string | null, text: string): number | null;
  has(number: number): boolean;
}

/** The fields that conditions read through slots, each once. */
export function slotFields(conditions: readonly ConditionNode[]): string[] {
  const fields = new Set<string>();
  for (const condition of conditions) {
    eachItem(condition, ({ item }) => {
      if (item.field === null || !isDotted(item)) return;
      fields.add(item.field);
      for (const value of item.values) if (value.kind === 'fieldref') fields.add(value.field);
    });
  }
  return [...fields];
}

/**
 * Compiles conditions a second time, to tests of what a view already holds: leaves found, texts folded and numbers
 * read once for all rules. The tests of a leaf are the very same closures (leaf-tests.ts), and a view reads fields as
 * paths do, so the verdicts are those of `ConditionNode.test`. Items that several conditions have in common are
 * tested once an event, and a text that the index looks for is not searched for again. Elements of arrays, and fields with an index, are looked at in the event itself.
 */
export class SlotCompiler {
  readonly #view: EventView;
  readonly #found: FoundTexts;
  /** How many conditions have an item, by its text. */
  readonly #uses = new Map<string, number>();
  readonly #shared = new Map<string, SlotTest>();
  readonly #selections = new Map<SelectionNode, SlotTest>();

  /** `view` must have the `slotFields` of all the conditions. */
  constructor(view: EventView, conditions: readonly ConditionNode[], found: FoundTexts) {
    this.#view = view;
    this.#found = found;
    for (const condition of conditions) {
      eachItem(condition, ({ item }) => {
        const key = keyOf(item);
        this.#uses.set(key, (this.#uses.get(key) ?? 0) + 1);
      });
    }
  }

  condition(node: ConditionNode): SlotTest {
    switch (node.kind) {
      case 'never':
        return () => false;
      case 'selection':
        return this.#selection(node.of);
      case 'not': {
        const test = this.condition(node.of);
        return (view) => !test(view);
      }
      default: {
        const tests = node.of.map((part) => this.condition(part));
        return node.kind === 'and' ? allOf(tests) : anyOf(tests);
      }
    }
  }

  #selection(node: SelectionNode): SlotTest {
    const known = this.#selections.get(node);
    if (known !== undefined) return known;
    const test = this.#compileSelection(node);
    this.#selections.set(node, test);
    return test;
  }

  #compileSelection(node: SelectionNode): SlotTest {
    if (node.kind === 'item') return this.#item(node.compiled);
    if (node.kind === 'elements') return (view) => node.test(view.event);
    const tests = node.of.map((part) => this.#selection(part));
    return node.kind === 'all' ? allOf(tests) : anyOf(tests);
  }

  #item(compiled: CompiledItem): SlotTest {
    const key = keyOf(compiled.item);
    if ((this.#uses.get(key) ?? 0) < 2) return this.#compileItem(compiled);
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const shared = oncePerEvent(this.#compileItem(compiled));
    this.#shared.set(key, shared);
    return shared;
  }

  #compileItem({ item, groups, test }: CompiledItem): SlotTest {
    if (!isDotted(item)) return (view) => test(view.event);
    const all = allOf(groups.map((group) => this.#values(item, group)));
    return item.negated ? (view) => !all(view) : all;
  }

  #values({ field }: Item, { values, leafTests }: CompiledValues): SlotTest {
    const slot = field === null ? this.#view.everywhere : this.#view.slotOf(field);
    const tests = leafTests === null ? [] : this.#leafTests(leafTests, field, slot);
    if (field === null) return anyOf(tests);
    const access = (name: string): FieldAccess<EventView> => accessSlot(this.#view.slotOf(name));
    return anyOf([...tests, ...compileFieldTests(values, accessSlot(slot), access)]);
  }

  #leafTests(tests: LeafTests, field: string | null, slot: number): SlotTest[] {
    const numbered = tests.infixes.map((text) => ({ text, number: this.#found.numberOf(field, text) }));
    const numbers = numbered.flatMap(({ number }) => (number === null ? [] : [number]));
    const infixes = numbered.flatMap(({ text, number }) => (number === null ? [text] : []));
    const others = slotLeafTests({ ...tests, infixes }, slot);
    const found = this.#found;
    return numbers.length === 0 ? others : [() => someOf(numbers, (number) => found.has(number)), ...others];
  }
}

/** Cheap forms first. */
function slotLeafTests({ whole, infixes, folded, exact, numbers, raw }: LeafTests, slot: number): SlotTest[] {
  const tests: SlotTest[] = [];
  const [only = ''] = whole;
  if (whole.size === 1) tests.push((view) => view.folded(slot).includes(only));
  if (whole.size > 1) tests.push((view) => someOf(view.folded(slot), (text) => whole.has(text)));
  if (numbers.length > 0) {
    const test = anyOf(numbers);
    tests.push((view) => someOf(view.numbers(slot), test));
  }
  if (raw.length > 0) {
    const test = anyOf(raw);
    tests.push((view) => someOf(view.leaves(slot), test));
  }
  if (infixes.length > 0) tests.push(slotInfixes(infixes, slot));
  if (folded.length > 0) {
    const test = anyOf(folded);
    tests.push((view) => someOf(view.folded(slot), test));
  }
  if (exact.length > 0) {
    const test = anyOf(exact);
    tests.push((view) => someOf(view.texts(slot), test));
  }
  return tests;
}

function slotInfixes(infixes: readonly string[], slot: number): SlotTest {
  return (view) => {
    const texts = view.folded(slot);
    for (const text of texts) {
      for (let i = 0; i < infixes.length; i++) if (text.includes(infixes[i] as string)) return true;
    }
    return false;
  };
}

function accessSlot(slot: number): FieldAccess<EventView> {
  return {
    some: (view, test) => someOf(view.leaves(slot), test),
    exists: (view) => view.exists(slot),
  };
}

function someOf<T>(list: readonly T[], test: (one: T) => boolean): boolean {
  for (let i = 0; i < list.length; i++) if (test(list[i] as T)) return true;
  return false;
}

function oncePerEvent(test: SlotTest): SlotTest {
  let turn = -1;
  let verdict = false;
  return (view) => {
    if (turn === view.turn) return verdict;
    verdict = test(view);
    turn = view.turn;
    return verdict;
  };
}

/** The same text only for items that ask the same. JSON has no text for some numbers that values may hold. */
function keyOf(item: Item): string {
  return JSON.stringify(item, (_, value: unknown) => (typeof value === 'number' ? `n${value}` : value));
}

/** Each item of a condition outside of elements, as often as selections have it. */
function eachItem(condition: ConditionNode, visit: (item: CompiledItem) => void): void {
  const selections = new Set<SelectionNode>();
  const inSelection = (node: SelectionNode): void => {
    if (node.kind === 'item') visit(node.compiled);
    else if (node.kind !== 'elements') node.of.forEach(inSelection);
  };
  const inCondition = (node: ConditionNode): void => {
    if (node.kind === 'not') inCondition(node.of);
    else if (node.kind === 'selection') selections.add(node.of);
    else if (node.kind !== 'never') node.of.forEach(inCondition);
  };
  inCondition(condition);
  selections.forEach(inSelection);
}
