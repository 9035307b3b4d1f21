import type { CompareValue, Item, Pattern, Value } from './ast.ts';
import { fold } from './fold.ts';
import type { TextTest } from './glob.ts';
import { compileGlob } from './glob.ts';
import { toNumber, toText } from './leaf.ts';
import { compileNetwork } from './network.ts';
import type { FieldAccess, LeafTest } from './path.ts';
import { accessField, someLeaf } from './path.ts';
import { widen } from './pattern.ts';
import { SigmaError } from './problem.ts';
import { compileReference } from './reference.ts';
import { compileRegex, compileRegexTest } from './regex.ts';
import { compileTimePart } from './time-part.ts';

/** A test of an event, or of one element of an array (which may be any value). */
export type EventTest = (event: unknown) => boolean;

/** Compiles one item to a closure over an event. */
export function compileItem(item: Item): EventTest {
  const values = givenValues(item);
  const groups = item.link === 'and' ? values.map((value) => [value]) : [values];
  const tests = groups.map((group) => compileValues(item, group).test);
  const all = allOf(tests);
  return item.negated ? (event) => !all(event) : all;
}

/** The values of an item; an empty list means null. */
export function givenValues(item: Item): readonly Value[] {
  return item.values.length === 0 ? [{ kind: 'null' }] : item.values;
}

export function allOf(tests: readonly EventTest[]): EventTest {
  const [first, second] = tests;
  if (first !== undefined && tests.length === 1) return first;
  if (first !== undefined && second !== undefined && tests.length === 2)
    return (event) => first(event) && second(event);
  return (event) => {
    for (const test of tests) if (!test(event)) return false;
    return true;
  };
}

export function anyOf(tests: readonly EventTest[]): EventTest {
  const [first, second] = tests;
  if (first !== undefined && tests.length === 1) return first;
  if (first !== undefined && second !== undefined && tests.length === 2)
    return (event) => first(event) || second(event);
  return (event) => {
    for (const test of tests) if (test(event)) return true;
    return false;
  };
}

/** Values of one item of which one must hold. `leaf` is the part that looks at one value of the event, if any. */
export interface CompiledValues {
  readonly test: EventTest;
  readonly leaf: LeafTest | null;
}

/** Compiles some of an item's values, without its `neq`. */
export function compileValues(item: Item, given: readonly Value[]): CompiledValues {
  const values = given.flatMap((value): readonly Value[] =>
    value.kind === 'alternatives' ? value.of : [value],
  );
  const leaf = compileLeafTest(item, values);
  if (item.field === null) {
    return { leaf, test: leaf === null ? () => false : (event) => someLeaf(event, leaf) };
  }
  const access = accessField(item.field, item.steps);
  const tests = values.flatMap((value) => compileFieldTest(value, access));
  if (leaf !== null) tests.unshift((event) => access.some(event, leaf));
  return { leaf, test: anyOf(tests) };
}

/** Values that look at the field as a whole. */
function compileFieldTest(value: Value, access: FieldAccess): EventTest[] {
  switch (value.kind) {
    case 'null':
      return [(event) => !access.some(event, isGiven)];
    case 'exists':
      return [(event) => access.exists(event) === value.value];
    case 'fieldref':
      return [compileReference(value, access)];
    default:
      return [];
  }
}

function isGiven(leaf: unknown): boolean {
  return leaf !== null;
}

/** The test for one leaf, or null where no value looks at leaves. Case is folded once for all values. */
function compileLeafTest(item: Item, values: readonly Value[]): LeafTest | null {
  const folded = compileFolded(item, values);
  const exact = compileExact(item, values);
  const compare = values.flatMap(compileOther);
  if (folded === null && exact.length === 0 && compare.length === 0) return null;
  if (exact.length === 0 && compare.length === 0 && folded !== null) {
    return (leaf) => {
      const text = toText(leaf);
      return text !== null && folded(text);
    };
  }
  return (leaf) => {
    const text = toText(leaf);
    if (text === null) return false;
    if (folded?.(text) === true) return true;
    for (const test of exact) if (test(text)) return true;
    for (const test of compare) if (test(leaf)) return true;
    return false;
  };
}

/** Values in which case does not matter: whole texts (in a set), then patterns. */
function compileFolded(item: Item, values: readonly Value[]): TextTest | null {
  const whole = new Set<string>();
  const patterns: TextTest[] = [];
  for (const value of values) {
    const texts = wholeTexts(value)?.map(fold);
    if (texts !== undefined && !item.substring) texts.forEach((text) => whole.add(text));
    else if (texts !== undefined) patterns.push(...texts.map(infix));
    else if (value.kind === 'pattern' && !value.cased) patterns.push(compilePattern(item, value, fold));
  }
  return foldedTest(whole, patterns);
}

function foldedTest(whole: ReadonlySet<string>, patterns: readonly TextTest[]): TextTest | null {
  const [only = ''] = whole;
  const [pattern] = patterns;
  if (pattern === undefined && whole.size === 0) return null;
  if (pattern === undefined) return whole.size === 1 ? equalFolded(only) : inFolded(whole);
  if (whole.size === 0 && patterns.length === 1) return (text) => pattern(fold(text));
  return (text) => {
    const low = fold(text);
    if (whole.has(low)) return true;
    for (const test of patterns) if (test(low)) return true;
    return false;
  };
}

function infix(part: string): TextTest {
  return (text) => text.includes(part);
}

/** Folding keeps the length, so most texts are told apart without it. */
function equalFolded(wanted: string): TextTest {
  return (text) => text.length === wanted.length && (text === wanted || fold(text) === wanted);
}

function inFolded(wanted: ReadonlySet<string>): TextTest {
  const lengths = new Set([...wanted].map((text) => text.length));
  return (text) => lengths.has(text.length) && (wanted.has(text) || wanted.has(fold(text)));
}

/** The texts a value equals as a whole, or null. A number equals its decimal text and the text the author wrote. */
function wholeTexts(value: Value): string[] | null {
  if (value.kind === 'number') return [String(value.value), value.source];
  if (value.kind === 'boolean') return [String(value.value)];
  if (value.kind !== 'pattern' || value.cased) return null;
  const [only = ''] = value.parts;
  return value.parts.length <= 1 && typeof only === 'string' ? [only] : null;
}

/** Values that look at the text as it is. */
function compileExact(item: Item, values: readonly Value[]): TextTest[] {
  const tests: TextTest[] = [];
  for (const value of values) {
    if (value.kind === 'pattern' && value.cased) tests.push(compilePattern(item, value, (text) => text));
    if (value.kind === 'regex') tests.push(compileRegexTest(checkedRegex(value.source, value.flags)));
    if (value.kind === 'network') tests.push(compileNetwork(value));
  }
  return tests;
}

function compilePattern(item: Item, pattern: Pattern, folding: (text: string) => string): TextTest {
  const parts = pattern.parts.map((part) => (typeof part === 'string' ? folding(part) : part));
  return compileGlob(item.substring ? widen(parts, true, true) : parts);
}

function checkedRegex(source: string, flags: string): Exclude<ReturnType<typeof compileRegex>, string> {
  const checked = compileRegex(source, flags);
  if (typeof checked !== 'string') return checked;
  const message = `regular expression '${source}': ${checked}`;
  throw new SigmaError([{ file: '', line: 1, column: 1, message, severity: 'error' }]);
}

/** Values that look at the leaf as it is, not at its text. */
function compileOther(value: Value): LeafTest[] {
  if (value.kind === 'compare') return [compileComparison(value)];
  return value.kind === 'time' ? [compileTimePart(value)] : [];
}

function compileComparison(compare: CompareValue): LeafTest {
  const { operator, value } = compare;
  return (leaf) => {
    const number = toNumber(leaf);
    if (number === null) return false;
    if (operator === 'lt') return number < value;
    if (operator === 'lte') return number <= value;
    return operator === 'gt' ? number > value : number >= value;
  };
}
