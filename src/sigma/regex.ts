import { meter } from './meter.ts';
import { regexCost, regexSize } from './regex-cost.ts';
import { parseRegex, RegexShapeError } from './regex-syntax.ts';

/** Characters of a value that a regular expression gets to see; no field of Microsoft's that rules name is longer. */
export const MAX_REGEX_INPUT = 8192;

/** An expression must stay affordable on this many characters at least, or it is refused. */
const LEAST_REGEX_INPUT = 512;

/** Steps that one search may take on its worst input: about a tenth of a second of V8. */
const STEP_BUDGET = 4e7;
const MAX_SOURCE = 2000;

/** With counts written out; V8 gives up on a first search far above this, which would be too late. */
const MAX_SIZE = 5000;

export interface CheckedRegex {
  readonly regexp: RegExp;
  /** Characters of the value that are searched; what lies behind is not looked at. */
  readonly inputLimit: number;
  /** What a rule author should know, or null. */
  readonly lint: string | null;
}

/**
 * Compiles a rule's regular expression for V8, or returns the reason why it is refused: V8 does not accept it, it
 * means something else elsewhere (`\A`, `\Z`), or it can backtrack for too long on a hostile value.
 */
export function compileRegex(source: string, flags: string): CheckedRegex | string {
  if (source.length > MAX_SOURCE) return `longer than ${MAX_SOURCE} characters`;
  const inline = /^\(\?([ims]+)\)/.exec(source);
  const allFlags = [...'ims'].filter((f) => flags.includes(f) || inline?.[1]?.includes(f)).join('');
  const body = stripLead(inline === null ? source : source.slice(inline[0].length));
  const regexp = toRegExp(body, allFlags);
  if (typeof regexp === 'string') return regexp;
  const limit = affordableInput(body, allFlags);
  if (typeof limit === 'string') return limit;
  return { regexp, inputLimit: limit, lint: lintOf(body, limit) };
}

export function compileRegexTest(checked: CheckedRegex): (text: string) => boolean {
  const { regexp, inputLimit } = checked;
  return (text) => {
    meter.steps += Math.min(text.length, inputLimit);
    return regexp.test(text.length > inputLimit ? text.slice(0, inputLimit) : text);
  };
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

/** With `u` first (so that `.` is a whole character); authors also escape what needs none, which only works without. */
function toRegExp(source: string, flags: string): RegExp | string {
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    const foreign = /(?:^|[^\\])(?:\\\\)*\\([AZzGQEhHKRXNpPek])/.exec(source);
    if (foreign !== null) return `\\${foreign[1] ?? ''} has no meaning in this engine`;
  }
  try {
    return new RegExp(source, flags);
  } catch (error) {
    return error instanceof Error
      ? error.message.replace(/^Invalid regular expression: .*: /s, '')
      : 'not accepted';
  }
}

/** The number of characters that may be searched, or the reason of refusal. */
function affordableInput(source: string, flags: string): number | string {
  try {
    const node = parseRegex(source, flags);
    if (regexSize(node) > MAX_SIZE) return 'its counted repetitions are too large';
    const { ways, degree } = regexCost(node);
    if (degree === Infinity || !Number.isFinite(ways)) {
      return 'it can backtrack exponentially; do not repeat what is itself repeated or optional';
    }
    // One run over the value at least, and searching begins at each place anew, which is one more power of n;
    // n^k/k! bounds k nested free choices.
    const power = Math.max(1, degree) + (source.startsWith('^') && !flags.includes('m') ? 0 : 1);
    const affordable = ((STEP_BUDGET * factorial(power)) / ways) ** (1 / power);
    if (affordable < LEAST_REGEX_INPUT)
      return 'it can backtrack for too long; use fewer repetitions that overlap';
    return Math.min(MAX_REGEX_INPUT, Math.floor(affordable));
  } catch (error) {
    if (error instanceof RegexShapeError) return `${error.message} is not supported`;
    throw error;
  }
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
