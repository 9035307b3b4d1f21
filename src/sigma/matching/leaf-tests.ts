import type { CompareValue, Item, Pattern, Value } from '../language/ast.ts';
import { fold } from './fold.ts';
import type { TextTest } from './glob.ts';
import { compileGlob } from './glob.ts';
import { toNumber, toText } from './leaf.ts';
import { compileNetwork } from './network.ts';
import type { LeafTest } from './path.ts';
import { isStar, widen } from '../language/pattern.ts';
import { SigmaError } from '../language/problem.ts';
import { compileRegex, compileRegexTest } from '../regex/regex.ts';
import { compileTimePart } from '../language/time-part.ts';

export type NumberTest = (number: number) => boolean;

/**
 * What some values ask of one leaf, sorted by the form in which they look at it; one of all must hold. The matcher
 * makes one test of a leaf of them (`toLeafTest`), an index runs them over forms that an event's view already has.
 */
export interface LeafTests {
  /** The folded text is one of these. */
  readonly whole: ReadonlySet<string>;
  /** The folded text holds one of these. */
  readonly infixes: readonly string[];
  /** Of the folded text. */
  readonly folded: readonly TextTest[];
  /** Of the text as it is. */
  readonly exact: readonly TextTest[];
  readonly numbers: readonly NumberTest[];
  /** Of the leaf as it is. */
  readonly raw: readonly LeafTest[];
}

/** The tests of one leaf, or null where no value looks at leaves. */
export function compileLeafTests(item: Item, values: readonly Value[]): LeafTests | null {
  const tests: LeafTests = {
    ...compileFolded(item, values),
    exact: compileExact(item, values),
    numbers: values.flatMap((value) => (value.kind === 'compare' ? [compileComparison(value)] : [])),
    raw: values.flatMap((value) => (value.kind === 'time' ? [compileTimePart(value)] : [])),
  };
  const { whole, infixes, folded, exact, numbers, raw } = tests;
  const count = whole.size + infixes.length + folded.length + exact.length + numbers.length + raw.length;
  return count === 0 ? null : tests;
}

/** All tests as one of a leaf as it stands in an event; case is folded once for all of them. */
export function toLeafTest({ whole, infixes, folded, exact, numbers, raw }: LeafTests): LeafTest {
  const foldedTest = toTextTest(whole, [...infixes.map(infix), ...folded]);
  if (foldedTest !== null && exact.length + numbers.length + raw.length === 0) {
    return (leaf) => {
      const text = toText(leaf);
      return text !== null && foldedTest(text);
    };
  }
  return (leaf) => {
    const text = toText(leaf);
    if (text === null) return false;
    if (foldedTest?.(text) === true) return true;
    for (const test of exact) if (test(text)) return true;
    for (const test of raw) if (test(leaf)) return true;
    const number = numbers.length === 0 ? null : toNumber(leaf);
    if (number !== null) for (const test of numbers) if (test(number)) return true;
    return false;
  };
}

/** Values in which case does not matter: whole texts (in a set), then patterns. */
function compileFolded(
  item: Item,
  values: readonly Value[],
): Pick<LeafTests, 'whole' | 'infixes' | 'folded'> {
  const whole = new Set<string>();
  const infixes: string[] = [];
  const folded: TextTest[] = [];
  for (const value of values) {
    const texts = wholeTexts(value)?.map(fold);
    if (texts !== undefined && !item.substring) texts.forEach((text) => whole.add(text));
    else if (texts !== undefined) infixes.push(...texts);
    else if (value.kind === 'pattern' && !value.cased) {
      const inner = innerText(value);
      if (inner === null) folded.push(compilePattern(item, value, fold));
      else infixes.push(fold(inner));
    }
  }
  return { whole, infixes, folded };
}

/** The text of `*text*`, or null for another pattern. */
function innerText({ parts }: Pattern): string | null {
  const [before, text, after] = parts;
  if (parts.length !== 3 || typeof text !== 'string' || before === undefined || after === undefined)
    return null;
  return isStar(before) && isStar(after) ? text : null;
}

/** A test of a text that is not folded yet. */
function toTextTest(whole: ReadonlySet<string>, patterns: readonly TextTest[]): TextTest | null {
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

function compileComparison({ operator, value }: CompareValue): NumberTest {
  switch (operator) {
    case 'lt':
      return (number) => number < value;
    case 'lte':
      return (number) => number <= value;
    case 'gt':
      return (number) => number > value;
    case 'gte':
      return (number) => number >= value;
  }
}
