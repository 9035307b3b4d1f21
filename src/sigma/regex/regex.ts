import { RE2JS } from 're2js';
import { meter } from '../matching/meter.ts';
import { regexCost, regexSize, rereads } from './regex-cost.ts';
import type { RegexNode } from './regex-syntax.ts';
import { parseRegex, RegexShapeError } from './regex-syntax.ts';
import { toRe2Source, toRe2Text, toUnicodeSource } from './regex-translate.ts';

/** Characters of a value that a regular expression gets to see; no field of Microsoft's that rules name is longer. */
export const MAX_REGEX_INPUT = 8192;

/** An expression must stay affordable on this many characters at least, or it is refused. */
const LEAST_REGEX_INPUT = 512;

/** Steps that one search of V8 may take on its worst input: about a tenth of a second. */
const STEP_BUDGET = 4e7;
/** Steps up to which V8 is taken without a thought for RE2: about a hundredth of a second. */
const CHEAP_BUDGET = 4e6;
/** Instructions × characters of one search of RE2: about a thirtieth of a second where its automaton gives up. */
const RE2_BUDGET = 2e6;
/** Bytes of an automaton that RE2 may keep for one expression; a hostile value can fill it, its own default is 8 MiB. */
const RE2_MEMORY = 262_144;
const MAX_SOURCE = 2000;

/** With counts written out; V8 gives up on a first search far above this, which would be too late. */
const MAX_SIZE = 5000;

export interface CheckedRegex {
  /** Null: V8 runs it, in time that grows with the value's length alone or on values that are short enough. */
  readonly linear: RE2JS | null;
  readonly regexp: RegExp;
  /** Characters of the value that are searched; what lies behind is not looked at. */
  readonly inputLimit: number;
  /** What a rule author should know, or null. */
  readonly lint: string | null;
}

/**
 * Compiles a rule's regular expression, or returns the reason why it is refused: V8 does not accept it, it means
 * something else elsewhere (`\A`, `\Z`), or neither engine can search a hostile value with it in bounded time. V8 runs
 * what is linear in the value's length, RE2 the rest; what RE2 has no words for runs on V8 on shorter values.
 */
export function compileRegex(source: string, flags: string): CheckedRegex | string {
  if (source.length > MAX_SOURCE) return `longer than ${MAX_SOURCE} characters`;
  const inline = /^\(\?([ims]+)\)/.exec(source);
  const allFlags = [...'ims'].filter((f) => flags.includes(f) || inline?.[1]?.includes(f)).join('');
  const body = stripLead(inline === null ? source : source.slice(inline[0].length));
  const regexp = toRegExp(body, allFlags);
  if (typeof regexp === 'string') return regexp;
  const node = shapeOf(regexp.source, allFlags);
  if (typeof node === 'string') return node;
  if (searchSteps(node, regexp, MAX_REGEX_INPUT) <= CHEAP_BUDGET)
    return checked(null, regexp, MAX_REGEX_INPUT);
  const linear = regexp.unicode ? toLinear(regexp.source, allFlags) : null;
  if (linear !== null) {
    const affordable = Math.floor(RE2_BUDGET / linear.programSize());
    if (affordable >= LEAST_REGEX_INPUT) return checked(linear, regexp, affordable);
  }
  const limit = affordableInput(node, regexp);
  return typeof limit === 'string' ? limit : checked(null, regexp, limit);
}

export function compileRegexTest(compiled: CheckedRegex): (text: string) => boolean {
  const { linear, regexp, inputLimit } = compiled;
  const search =
    linear === null
      ? (text: string): boolean => regexp.test(text)
      : (text: string): boolean => linear.test(toRe2Text(text, regexp.flags));
  return (text) => {
    meter.steps += Math.min(text.length, inputLimit);
    return search(text.length > inputLimit ? text.slice(0, inputLimit) : text);
  };
}

function checked(linear: RE2JS | null, regexp: RegExp, affordable: number): CheckedRegex {
  const inputLimit = Math.min(MAX_REGEX_INPUT, affordable);
  return { linear, regexp, inputLimit, lint: lintOf(regexp.source, inputLimit) };
}

/** The expression for RE2, or null where it has no words for it or it grows too large. */
function toLinear(source: string, flags: string): RE2JS | null {
  const translated = toRe2Source(source, flags);
  if (translated === null) return null;
  try {
    const linear = RE2JS.compile(translated);
    const automaton = linear.re2().dfa;
    automaton.stateBudget = RE2_MEMORY;
    automaton.memBudget = RE2_MEMORY;
    return linear;
  } catch {
    // Nested counts that multiply to more than RE2 writes out: V8 has to do.
    return null;
  }
}

/** A leading `.*` changes nothing in an unanchored search but makes it slow. */
function stripLead(source: string): string {
  let rest = source;
  while (rest.startsWith('.*') && !'?+{'.includes(rest[2] ?? ' ') && !hasTopLevelChoice(rest))
    rest = rest.slice(2);
  return rest;
}

/** Over-cautious: any `|` counts. `.*a|b` is `(.*a)|b`, where stripping would still be right, but need not be argued. */
function hasTopLevelChoice(source: string): boolean {
  return source.includes('|');
}

/** With `u` (so that `.` is a whole character), if need be after taking out what authors escape without need. */
function toRegExp(source: string, flags: string): RegExp | string {
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    const foreign = /(?:^|[^\\])(?:\\\\)*\\([AZzGQEhHKRXNPpek])/.exec(source);
    if (foreign !== null) return `\\${foreign[1] ?? ''} has no meaning in this engine`;
  }
  try {
    const plain = new RegExp(source, flags);
    return toUnicodeRegExp(source, flags) ?? plain;
  } catch (error) {
    return error instanceof Error
      ? error.message.replace(/^Invalid regular expression: .*: /s, '')
      : 'not accepted';
  }
}

function toUnicodeRegExp(source: string, flags: string): RegExp | null {
  try {
    return new RegExp(toUnicodeSource(source), `${flags}u`);
  } catch {
    return null;
  }
}

function shapeOf(source: string, flags: string): RegexNode | string {
  try {
    const node = parseRegex(source, flags);
    return regexSize(node) > MAX_SIZE ? 'its counted repetitions are too large' : node;
  } catch (error) {
    if (error instanceof RegexShapeError) return `${error.message} is not supported`;
    throw error;
  }
}

/** Steps of one search of V8 on the worst value of this length; Infinity = exponential. */
function searchSteps(node: RegexNode, regexp: RegExp, length: number): number {
  const { ways, factor, power } = searchCost(node, regexp);
  return Number.isFinite(power) ? (ways * factor * length ** power) / factorial(power) : Infinity;
}

/** The number of characters that V8 may search, or the reason of refusal. */
function affordableInput(node: RegexNode, regexp: RegExp): number | string {
  const { ways, factor, power } = searchCost(node, regexp);
  if (!Number.isFinite(power) || !Number.isFinite(ways)) {
    return 'it can backtrack exponentially; do not repeat what is itself repeated or optional';
  }
  const affordable = Math.floor(((STEP_BUDGET * factorial(power)) / (ways * factor)) ** (1 / power));
  if (affordable >= LEAST_REGEX_INPUT) return affordable;
  return 'it can backtrack for too long; use fewer repetitions that overlap';
}

/**
 * Steps = ways × factor × n^power / power! (n^k/k! bounds k nested free choices). Searching begins at each place anew,
 * which is one more power of n, unless every place is reread a bounded number of times only.
 */
function searchCost(node: RegexNode, regexp: RegExp): { ways: number; factor: number; power: number } {
  const { ways, degree, work } = regexCost(node);
  const once = regexp.source.startsWith('^') && !regexp.multiline && node.kind !== 'choice';
  if (once) return { ways, factor: work === 0 ? regexSize(node) : 1, power: work };
  if (degree === 0 && work <= 1 && !rereads(node)) return { ways, factor: regexSize(node), power: 1 };
  return { ways, factor: 1, power: work + 1 };
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}

function lintOf(source: string, limit: number): string | null {
  if (limit < MAX_REGEX_INPUT)
    return `only the first ${limit} characters of a value are searched, or it could take too long`;
  if (/\(\?<?[=!]/.test(source))
    return 'lookaround is outside the characters that Sigma allows in an expression';
  return null;
}
