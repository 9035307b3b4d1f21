import type { PathStep, Quantifier } from './ast.ts';

/** A field name under `sigma-version: 3`, up to its first quantifier. */
export interface FieldName {
  /** Null where the name is a plain dotted one. */
  readonly steps: readonly PathStep[] | null;
  readonly quantifier: Quantifier | null;
  /** What stands behind the quantifier, as a name within the element; null where nothing does. */
  readonly rest: string | null;
}

/** Longest field name read; bounds the parts that are looked up one within the other. */
export const MAX_FIELD_NAME = 512;
export const TOO_LONG = `the field name is longer than ${MAX_FIELD_NAME} characters`;

const QUANTIFIERS: ReadonlySet<string> = new Set<Quantifier>(['any', 'all', 'all_or_empty', 'none']);
const INDEX = /^-?\d{1,9}$/;

/** What a rule without `sigma-version: 3` may have meant; there brackets belong to the name. */
export const BRACKETS = /\[(?:any|all|all_or_empty|none|-?\d+)\]/;

/**
 * Reads `a.b`, `a[0].b`, `a[-1]`, `a[any]`, `a[all].b`, `.` (the element itself), `.[0]`, with `\[` and `\]` for the
 * brackets themselves. Returns the reason where the name cannot be read.
 */
export function parseFieldName(name: string): FieldName | string {
  if (name === '.') return { steps: [], quantifier: null, rest: null };
  if (!/[[\]]/.test(name)) return { steps: null, quantifier: null, rest: null };
  const steps: PathStep[] = [];
  for (let at = 0; at < name.length;) {
    const keys = readKeys(name, at);
    if (name[keys.end] === ']') return "']' without '['; write \\] for the character";
    const last = keys.end >= name.length;
    if (!addKeys(steps, keys.text, last))
      return last ? 'a name is missing at the end' : "there is no name before '['";
    if (last) break;
    const bracket = readBracket(name, keys.end);
    if (typeof bracket === 'string') return bracket;
    if ('quantifier' in bracket) return { steps, ...bracket };
    steps.push({ index: bracket.index });
    at = bracket.end + 1;
  }
  return { steps, quantifier: null, rest: null };
}

/** The text up to the next bracket, `\[` and `\]` read as the characters. */
function readKeys(name: string, from: number): { text: string; end: number } {
  let text = '';
  let at = from;
  for (; at < name.length && !isBracket(name[at]); at++) {
    if (name[at] === '\\' && isBracket(name[at + 1])) at++;
    text += name[at] ?? '';
  }
  return { text, end: at };
}

/** Adds the keys read; false where one is missing. `.` alone is the element, `.b` goes on behind an index. */
function addKeys(steps: PathStep[], text: string, last: boolean): boolean {
  const behindIndex = steps.length > 0;
  if (text === '') return behindIndex;
  if (text === '.' && !behindIndex) return !last;
  const keys = behindIndex ? text.slice(1) : text;
  if (keys === '' || keys.endsWith('.')) return false;
  for (const key of keys.split('.')) steps.push({ key });
  return true;
}

type Bracket =
  | { readonly index: number; readonly end: number }
  | { readonly quantifier: Quantifier; readonly rest: string | null };

function readBracket(name: string, open: number): Bracket | string {
  const close = name.indexOf(']', open);
  if (close < 0) return "a '[' is never closed; write \\[ for the character";
  const inside = name.slice(open + 1, close);
  const behind = name[close + 1];
  if (behind !== undefined && behind !== '.' && behind !== '[') return `'${behind}' cannot stand behind ']'`;
  if (INDEX.test(inside)) return { index: Number(inside), end: close };
  if (!isQuantifier(inside)) return `'[${inside}]' is neither an index nor any, all, all_or_empty or none`;
  if (behind === undefined) return { quantifier: inside, rest: null };
  const rest = behind === '[' ? `.${name.slice(close + 1)}` : name.slice(close + 2);
  return rest === '' ? 'a name is missing at the end' : { quantifier: inside, rest };
}

function isQuantifier(text: string): text is Quantifier {
  return QUANTIFIERS.has(text);
}

function isBracket(character: string | undefined): boolean {
  return character === '[' || character === ']';
}
