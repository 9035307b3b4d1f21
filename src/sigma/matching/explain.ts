import type { Item, Quantifier, Value } from '../language/ast.ts';
import type { CompiledRule } from './compile.ts';
import { compileRule } from './compile.ts';
import type { ConditionNode, SelectionNode } from './compiled-detection.ts';
import type { CompiledFilter, JudgeOptions } from './compiled-filter.ts';
import { outOfForce } from './compiled-filter.ts';
import { elementsOf } from './elements.ts';
import { compileValues, givenValues } from './match.ts';
import { accessField, someLeaf } from './path.ts';
import type { SigmaRule } from '../language/rule.ts';
import { shownValue } from './shown.ts';

/** Values of the event shown for one item, and elements for one array; the rest is counted. */
export const MAX_SHOWN = 10;
/** Values of the event that are looked through for those to show. */
const MAX_COUNTED = 1000;
/** Values that a rule lists under one item; a watch list can have thousands. */
const MAX_WRITTEN = 100;

/** Elements explained in all of one explanation: arrays within arrays would multiply. */
const MAX_ELEMENTS = 100;

/** What may still be explained. */
interface Room {
  elements: number;
}

/** Why a rule matches an event, or why not. Plain data; texts of the event are cut, not cleaned: they are hostile. */
export interface Explanation {
  /** What `judge` says. */
  readonly matched: boolean;
  readonly condition: ConditionExplanation;
  readonly filters: readonly FilterExplanation[];
}

export interface FilterExplanation {
  readonly filter: string;
  /** Why it was not applied, or null where it was. */
  readonly left: 'expired' | 'other tenant' | null;
  /** True if it lets the event pass. */
  readonly passes: boolean;
  readonly condition: ConditionExplanation;
}

export type ConditionExplanation =
  | { readonly kind: 'and' | 'or'; readonly matched: boolean; readonly of: readonly ConditionExplanation[] }
  | { readonly kind: 'not'; readonly matched: boolean; readonly of: ConditionExplanation }
  | {
      readonly kind: 'selection';
      readonly matched: boolean;
      readonly name: string;
      readonly of: SelectionExplanation;
    }
  | { readonly kind: 'never'; readonly matched: false };

export type SelectionExplanation =
  | { readonly kind: 'all' | 'any'; readonly matched: boolean; readonly of: readonly SelectionExplanation[] }
  | ItemExplanation
  | ElementsExplanation;

export interface ItemExplanation {
  readonly kind: 'item';
  /** With `neq` taken into account. */
  readonly matched: boolean;
  /** As written; null = keywords. */
  readonly field: string | null;
  readonly negated: boolean;
  /** Whether one of the values is enough, or all must hold. */
  readonly link: 'or' | 'and';
  /** What the event holds there. `null` = there, but holds nothing else than null; `empty` = an empty list. */
  readonly found: 'absent' | 'null' | 'empty' | 'values';
  /** The event's values, at most `MAX_SHOWN`, texts cut; objects and lists by their kind. */
  readonly actual: readonly unknown[];
  /** How many more there are (counting ends at a thousand). */
  readonly more: number;
  /** The rule's values (at most a hundred), and for each whether it holds and by which value of the event. */
  readonly values: readonly ValueExplanation[];
}

export interface ValueExplanation {
  readonly value: Value;
  readonly holds: boolean;
  /** The first value of the event that it holds for; absent where it holds for none, or looks at no single value. */
  readonly by?: unknown;
}

export interface ElementsExplanation {
  readonly kind: 'elements';
  readonly matched: boolean;
  readonly field: string;
  readonly quantifier: Quantifier;
  readonly found: 'absent' | 'no array' | 'empty' | 'elements';
  /** How many elements there are, and for how many the body holds. */
  readonly count: number;
  readonly holding: number;
  /** The first elements, at most `MAX_SHOWN`, fewer in arrays within arrays. */
  readonly elements: readonly ConditionExplanation[];
}

/** Explains a rule's verdict on an event with the very tests that the matcher runs. Throws as `compileRule` does. */
export function explainRule(
  given: CompiledRule | SigmaRule,
  event: object,
  options: JudgeOptions = {},
): Explanation {
  const compiled = 'match' in given ? given : compileRule(given);
  return {
    matched: compiled.judge(event, options).matched,
    condition: explainCondition(compiled.condition, event, { elements: MAX_ELEMENTS }),
    filters: compiled.filters.map((filter) => explainFilter(filter, event, options)),
  };
}

function explainFilter(compiled: CompiledFilter, event: object, options: JudgeOptions): FilterExplanation {
  return {
    filter: compiled.key,
    left: outOfForce(compiled.filter, options),
    passes: compiled.test(event),
    condition: explainCondition(compiled.condition, event, { elements: MAX_ELEMENTS }),
  };
}

function explainCondition(node: ConditionNode, event: unknown, room: Room): ConditionExplanation {
  const matched = node.test(event);
  switch (node.kind) {
    case 'never':
      return { kind: 'never', matched: false };
    case 'not':
      return { kind: 'not', matched, of: explainCondition(node.of, event, room) };
    case 'selection':
      return { kind: 'selection', matched, name: node.name, of: explainSelection(node.of, event, room) };
    default:
      return { kind: node.kind, matched, of: node.of.map((part) => explainCondition(part, event, room)) };
  }
}

function explainSelection(node: SelectionNode, event: unknown, room: Room): SelectionExplanation {
  if (node.kind === 'item') return explainItem(node.item, node.test(event), event);
  if (node.kind === 'elements') return explainElements(node, event, room);
  return {
    kind: node.kind,
    matched: node.test(event),
    of: node.of.map((part) => explainSelection(part, event, room)),
  };
}

function explainItem(item: Item, matched: boolean, event: unknown): ItemExplanation {
  const { field, negated, link } = item;
  const actual = valuesOf(item, event);
  const values = givenValues(item)
    .slice(0, MAX_WRITTEN)
    .map((value): ValueExplanation => {
      const { test, leaf } = compileValues(item, [value]);
      const holds = test(event);
      const by = holds && leaf !== null ? actual.find((one) => leaf(one)) : undefined;
      return by === undefined ? { value, holds } : { value, holds, by: shownValue(by) };
    });
  return {
    kind: 'item',
    matched,
    field,
    negated,
    link,
    found: foundAt(item, event, actual),
    actual: actual.slice(0, MAX_SHOWN).map(shownValue),
    more: Math.max(0, actual.length - MAX_SHOWN),
    values,
  };
}

function valuesOf(item: Item, event: unknown): unknown[] {
  const found: unknown[] = [];
  const collect = (leaf: unknown): boolean => {
    found.push(leaf);
    return found.length >= MAX_COUNTED;
  };
  if (item.field === null) someLeaf(event, collect);
  else accessField(item.field, item.steps).some(event, collect);
  return found;
}

function foundAt(item: Item, event: unknown, actual: readonly unknown[]): ItemExplanation['found'] {
  if (actual.some((one) => one !== null)) return 'values';
  if (actual.length > 0) return 'null';
  const there = item.field === null || accessField(item.field, item.steps).exists(event);
  return there ? 'empty' : 'absent';
}

function explainElements(
  node: Extract<SelectionNode, { kind: 'elements' }>,
  event: unknown,
  room: Room,
): ElementsExplanation {
  const { selection, body } = node;
  const elements = elementsOf(selection, event);
  const shown = elements.slice(0, Math.min(MAX_SHOWN, room.elements));
  room.elements -= shown.length;
  return {
    kind: 'elements',
    matched: node.test(event),
    field: selection.field,
    quantifier: selection.quantifier,
    found: elements.length > 0 ? 'elements' : arraysAt(selection, event),
    count: elements.length,
    holding: elements.filter((element) => body.test(element)).length,
    elements: shown.map((element) => explainCondition(body, element, room)),
  };
}

function arraysAt(selection: Parameters<typeof elementsOf>[0], event: unknown): ElementsExplanation['found'] {
  let found: ElementsExplanation['found'] = 'absent';
  accessField(selection.field, selection.steps).someValue(event, (value) => {
    if (Array.isArray(value)) found = 'empty';
    else if (value !== null && value !== undefined && found === 'absent') found = 'no array';
    return false;
  });
  return found;
}
