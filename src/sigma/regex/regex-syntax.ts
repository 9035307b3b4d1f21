/**
 * The shape of a regular expression that V8 already accepted, reduced to what decides how far it can backtrack:
 * which characters a step may take, and where it has a choice.
 */
export type RegexNode =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'empty' }
  | { readonly kind: 'look'; readonly body: RegexNode }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly body: RegexNode; readonly min: number; readonly max: number };

/** Bit n = the ASCII character n; bit 128 = everything beyond ASCII, taken together. */
export type CharacterSet = bigint;

export const NO_CHARACTER: CharacterSet = 0n;
export const ANY_CHARACTER: CharacterSet = (1n << 129n) - 1n;

/** The expression uses something whose cost cannot be told (a back-reference, an unknown construct). */
export class RegexShapeError extends Error {
  override readonly name = 'RegexShapeError';
}

const MAX_GROUP_DEPTH = 50;
const DIGIT = range(48, 57);
const WORD = DIGIT | range(65, 90) | range(97, 122) | (1n << 95n);
const SPACE = range(9, 13) | (1n << 32n) | (1n << 128n);
const LINE_BREAK = (1n << 10n) | (1n << 13n);
const CLASSES: Readonly<Record<string, CharacterSet>> = {
  d: DIGIT,
  D: ANY_CHARACTER & ~DIGIT,
  w: WORD,
  W: ANY_CHARACTER & ~WORD,
  s: SPACE,
  S: (ANY_CHARACTER & ~SPACE) | (1n << 128n),
};
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };

/** Parses `source` under the flags `i`, `m`, `s`. Throws RegexShapeError. */
export function parseRegex(source: string, flags: string): RegexNode {
  const cursor: Cursor = {
    source,
    at: 0,
    depth: 0,
    ignoreCase: flags.includes('i'),
    dotAll: flags.includes('s'),
  };
  const node = parseChoice(cursor);
  if (cursor.at < source.length) throw new RegexShapeError(`unexpected '${source[cursor.at] ?? ''}'`);
  return node;
}

interface Cursor {
  readonly source: string;
  at: number;
  depth: number;
  readonly ignoreCase: boolean;
  readonly dotAll: boolean;
}

function parseChoice(cursor: Cursor): RegexNode {
  const branches = [parseSequence(cursor)];
  while (take(cursor, '|')) branches.push(parseSequence(cursor));
  return branches.length === 1 ? (branches[0] as RegexNode) : { kind: 'choice', of: branches };
}

function parseSequence(cursor: Cursor): RegexNode {
  const of: RegexNode[] = [];
  while (cursor.at < cursor.source.length && !'|)'.includes(cursor.source[cursor.at] ?? '')) {
    of.push(parseRepeat(cursor, parseAtom(cursor)));
  }
  return { kind: 'sequence', of };
}

function parseRepeat(cursor: Cursor, body: RegexNode): RegexNode {
  const counts = takeCounts(cursor);
  if (counts === null) return body;
  take(cursor, '?');
  return { kind: 'repeat', body, min: counts[0], max: counts[1] };
}

function takeCounts(cursor: Cursor): readonly [number, number] | null {
  if (take(cursor, '*')) return [0, Infinity];
  if (take(cursor, '+')) return [1, Infinity];
  if (take(cursor, '?')) return [0, 1];
  const match = takeMatch(cursor, /\{(\d+)(,(\d*))?\}/y);
  if (match === null) return null;
  const min = Number(match[1]);
  if (match[2] === undefined) return [min, min];
  return [min, match[3] === '' ? Infinity : Number(match[3])];
}

function parseAtom(cursor: Cursor): RegexNode {
  const character = cursor.source[cursor.at] ?? '';
  if (character === '(') return parseGroup(cursor);
  if (character === '[') return { kind: 'set', set: parseClass(cursor) };
  if (character === '\\') return parseEscape(cursor);
  cursor.at++;
  if (character === '^' || character === '$') return { kind: 'empty' };
  if (character === '.')
    return { kind: 'set', set: cursor.dotAll ? ANY_CHARACTER : ANY_CHARACTER & ~LINE_BREAK };
  return { kind: 'set', set: single(cursor, character.charCodeAt(0)) };
}

function parseGroup(cursor: Cursor): RegexNode {
  const opening = takeMatch(cursor, /\((\?(:|=|!|<=|<!|<[A-Za-z_$][\w$]*>))?/y);
  if (opening === null || cursor.source[cursor.at] === '?')
    throw new RegexShapeError('a group with inline flags');
  if (++cursor.depth > MAX_GROUP_DEPTH)
    throw new RegexShapeError(`more than ${MAX_GROUP_DEPTH} nested groups`);
  const body = parseChoice(cursor);
  if (!take(cursor, ')')) throw new RegexShapeError('a group that does not end');
  cursor.depth--;
  const look = ['=', '!', '<=', '<!'].includes(opening[2] ?? '');
  return look ? { kind: 'look', body } : body;
}

function parseEscape(cursor: Cursor): RegexNode {
  const letter = cursor.source[cursor.at + 1] ?? '';
  if (/[1-9k]/.test(letter)) throw new RegexShapeError('a back-reference');
  if (letter === 'b' || letter === 'B') {
    cursor.at += 2;
    return { kind: 'empty' };
  }
  return { kind: 'set', set: parseEscapedSet(cursor) };
}

function parseEscapedSet(cursor: Cursor): CharacterSet {
  const letter = cursor.source[cursor.at + 1] ?? '';
  const code = takeMatch(cursor, /\\(?:x([\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|u\{([\dA-Fa-f]+)\})/y);
  if (code !== null) return single(cursor, parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16));
  if (takeMatch(cursor, /\\[pP]\{[^}]*\}/y) !== null) return ANY_CHARACTER;
  const control = takeMatch(cursor, /\\c([A-Za-z])/y);
  if (control !== null) return single(cursor, (control[1] ?? '').charCodeAt(0) % 32);
  cursor.at += 2;
  return CLASSES[letter] ?? single(cursor, CONTROLS[letter] ?? letter.charCodeAt(0));
}

/** A class in brackets; ranges beyond ASCII all fall into the one bit for it. */
function parseClass(cursor: Cursor): CharacterSet {
  cursor.at++;
  const negated = take(cursor, '^');
  let set = NO_CHARACTER;
  while (cursor.at < cursor.source.length && cursor.source[cursor.at] !== ']') {
    const from = parseClassMember(cursor);
    const isRange = cursor.source[cursor.at] === '-' && cursor.source[cursor.at + 1] !== ']';
    if (!isRange) set |= typeof from === 'number' ? single(cursor, from) : from;
    else set |= parseClassRange(cursor, from);
  }
  if (!take(cursor, ']')) throw new RegexShapeError('a class that does not end');
  return negated ? (ANY_CHARACTER & ~set) | (1n << 128n) : set;
}

function parseClassRange(cursor: Cursor, from: number | CharacterSet): CharacterSet {
  cursor.at++;
  const to = parseClassMember(cursor);
  if (typeof from === 'number' && typeof to === 'number') {
    let set = to > 127 ? 1n << 128n : NO_CHARACTER;
    for (let code = from; code <= Math.min(to, 127); code++) set |= single(cursor, code);
    return set;
  }
  const sets = [from, to].map((end) => (typeof end === 'number' ? single(cursor, end) : end));
  return sets.reduce((all, one) => all | one, single(cursor, 45));
}

/** A code where the member is one character (it may begin a range), else a set. */
function parseClassMember(cursor: Cursor): number | CharacterSet {
  const character = cursor.source[cursor.at] ?? '';
  if (character !== '\\') {
    cursor.at++;
    return character.charCodeAt(0);
  }
  if (cursor.source[cursor.at + 1] === 'b') {
    cursor.at += 2;
    return 8;
  }
  // Case is added for the whole range afterwards.
  const exact: Cursor = { ...cursor, ignoreCase: false };
  const set = parseEscapedSet(exact);
  cursor.at = exact.at;
  return isSingle(set) ? bitOf(set) : set;
}

function single(cursor: Cursor, code: number): CharacterSet {
  if (code > 127) return 1n << 128n;
  const set = 1n << BigInt(code);
  if (!cursor.ignoreCase) return set;
  const upper = code >= 65 && code <= 90;
  const lower = code >= 97 && code <= 122;
  // Under `iu`, U+017F folds to s and U+212A to k.
  const beyond = 'sSkK'.includes(String.fromCharCode(code)) ? 1n << 128n : NO_CHARACTER;
  return upper || lower ? set | (1n << BigInt(code ^ 32)) | beyond : set;
}

function range(from: number, to: number): CharacterSet {
  let set = NO_CHARACTER;
  for (let code = from; code <= to; code++) set |= 1n << BigInt(code);
  return set;
}

function isSingle(set: CharacterSet): boolean {
  return set !== NO_CHARACTER && (set & (set - 1n)) === NO_CHARACTER;
}

function bitOf(set: CharacterSet): number {
  return set.toString(2).length - 1;
}

function take(cursor: Cursor, character: string): boolean {
  if (cursor.source[cursor.at] !== character) return false;
  cursor.at++;
  return true;
}

function takeMatch(cursor: Cursor, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = cursor.at;
  const match = pattern.exec(cursor.source);
  if (match !== null) cursor.at += match[0].length;
  return match;
}
