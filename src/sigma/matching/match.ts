import type { Item, Value } from '../language/ast.ts';
import type { LeafTests } from './leaf-tests.ts';
import { compileLeafTests, toLeafTest } from './leaf-tests.ts';
import type { FieldAccess, LeafTest } from './path.ts';
import { accessField, someLeaf } from './path.ts';
import { compileReference } from './reference.ts';

/** A test of an event, or of one element of an array (which may be any value). */
export type EventTest = (event: unknown) => boolean;

/** One item as closures: `test` looks at an event, `groups` are what it is made of. */
export interface CompiledItem {
  readonly item: Item;
  /** All must hold; `neq` is not in them. */
  readonly groups: readonly CompiledValues[];
  /** With `neq`. */
  readonly test: EventTest;
}

/** Compiles one item to a closure over an event. */
export function compileItem(item: Item): CompiledItem {
  const values = givenValues(item);
  const given = item.link === 'and' ? values.map((value) => [value]) : [values];
  const groups = given.map((group) => compileValues(item, group));
  const all = allOf(groups.map((group) => group.test));
  return { item, groups, test: item.negated ? (event) => !all(event) : all };
}

/** The values of an item; an empty list means null. */
export function givenValues(item: Item): readonly Value[] {
  return item.values.length === 0 ? [{ kind: 'null' }] : item.values;
}

export function allOf<T>(tests: readonly ((of: T) => boolean)[]): (of: T) => boolean {
  const [first, second] = tests;
  if (first !== undefined && tests.length === 1) return first;
  if (first !== undefined && second !== undefined && tests.length === 2)
    return (event) => first(event) && second(event);
  return (event) => {
    for (const test of tests) if (!test(event)) return false;
    return true;
  };
}

export function anyOf<T>(tests: readonly ((of: T) => boolean)[]): (of: T) => boolean {
  const [first, second] = tests;
  if (first !== undefined && tests.length === 1) return first;
  if (first !== undefined && second !== undefined && tests.length === 2)
    return (event) => first(event) || second(event);
  return (event) => {
    for (const test of tests) if (test(event)) return true;
    return false;
  };
}

/** Values of one item of which one must hold. */
export interface CompiledValues {
  readonly values: readonly Value[];
  readonly test: EventTest;
  /** The part that looks at one value of the event, if any, and what it is made of. */
  readonly leaf: LeafTest | null;
  readonly leafTests: LeafTests | null;
}

/** Compiles some of an item's values, without its `neq`. */
export function compileValues(item: Item, given: readonly Value[]): CompiledValues {
  const values = given.flatMap((value): readonly Value[] =>
    value.kind === 'alternatives' ? value.of : [value],
  );
  const leafTests = compileLeafTests(item, values);
  const leaf = leafTests === null ? null : toLeafTest(leafTests);
  const compiled = { values, leaf, leafTests };
  if (item.field === null) {
    return { ...compiled, test: leaf === null ? () => false : (event) => someLeaf(event, leaf) };
  }
  const access = accessField(item.field, item.steps);
  const tests = compileFieldTests(values, access, accessField);
  if (leaf !== null) tests.unshift((event) => access.some(event, leaf));
  return { ...compiled, test: anyOf(tests) };
}

/**
 * Tests of the values that look at the field as a whole. The tests take what `access` takes; `accessOther` gives the
 * same kind of access to another field.
 */
export function compileFieldTests<T>(
  values: readonly Value[],
  access: FieldAccess<T>,
  accessOther: (...field: Parameters<typeof accessField>) => FieldAccess<T>,
): ((of: T) => boolean)[] {
  return values.flatMap((value): ((of: T) => boolean)[] => {
    switch (value.kind) {
      case 'null':
        return [(of) => !access.some(of, isGiven)];
      case 'exists':
        return [(of) => access.exists(of) === value.value];
      case 'fieldref':
        return [compileReference(value, access, accessOther(value.field, value.steps))];
      default:
        return [];
    }
  });
}

function isGiven(leaf: unknown): boolean {
  return leaf !== null;
}
