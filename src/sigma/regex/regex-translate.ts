/**
 * One expression in two dialects: what V8 accepts under the `u` flag, and what RE2 calls the same. Everything that
 * could differ is written out: `\s` and `.` by their characters, `$` as `\z`, each literal as a code point.
 */

/** Where V8 sees K (U+212A) and ſ (U+017F) as k and s although RE2's `\b` does not; both fold to ASCII letters. */
const FOREIGN_LETTERS = /[\u017f\u212a]/;

const SPACES = [
  [0x9, 0xd],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
] as const;
const DIGITS = [[0x30, 0x39]] as const;
const WORDS = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
] as const;
/** `\w` under `i` and `u` also has the two letters that fold into it, so `\W` leaves them out. */
const FOLDED_WORDS = [...WORDS, [0x17f, 0x17f], [0x212a, 0x212a]] as const;
const LINE_ENDS = '\\x{a}\\x{d}\\x{2028}\\x{2029}';
const LAST = 0x10ffff;
const CONTROLS: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, '0': 0 };
/** RE2 writes counts out and refuses more. */
const MAX_COUNT = 1000;

type Ranges = readonly (readonly [number, number])[];

/** RE2 has no words for a part of the expression. */
class NoTranslation extends Error {
  override readonly name = 'NoTranslation';
}

interface Cursor {
  readonly source: string;
  readonly flags: string;
  at: number;
}

/**
 * The expression with needless escapes (`\-`, `\:`) taken out and lone brackets escaped, so that V8 accepts it under
 * `u`, where `.` is a whole character. Escaped letters stay as they are: they may mean something.
 */
export function toUnicodeSource(source: string): string {
  const tokens = /\\[^]|\{\d+(?:,\d*)?\}|\[\^?(?:\\[^]|[^\]\\])*\]|[{}\]]|[^\\{}[\]]+|[^]/gy;
  return source.replace(tokens, (token) => {
    if (token.length > 1 && token.startsWith('[')) return toUnicodeClass(token);
    if (token.startsWith('\\'))
      return /^\\[^A-Za-z0-9^$\\.*+?()[\]{}|/]/.test(token) ? token.slice(1) : token;
    return /^[{}\]]$/.test(token) ? `\\${token}` : token;
  });
}

/** In a class a dash beside `\w` and its like is a dash. */
function toUnicodeClass(token: string): string {
  const plain = token.replace(/\\([^])/g, (pair, escaped: string) =>
    /[A-Za-z0-9^$\\.*+?()[\]{}|/-]/.test(escaped) ? pair : escaped,
  );
  return plain
    .replace(/(\\[dDwWsS])-(?!\])/g, '$1\\-')
    .replace(/((?:^\[\^?|[^\\])(?:\\\\)*[^\\[])-(?=\\[dDwWsS])/g, '$1\\-');
}

/**
 * The same search for RE2, or null where it cannot be said: lookaround, back-references, Unicode properties, the
 * line anchors of `m` (V8 knows four line ends, RE2 one), halves of surrogate pairs, counts above 1,000. `source` is
 * one that V8 accepts under `u`.
 */
export function toRe2Source(source: string, flags: string): string | null {
  const cursor: Cursor = { source, flags, at: 0 };
  let translated = flags.includes('i') ? '(?i)' : '';
  try {
    while (cursor.at < source.length) translated += translateNext(cursor);
  } catch (error) {
    if (error instanceof NoTranslation) return null;
    throw error;
  }
  return translated;
}

/** The value as RE2 must see it so that case-insensitive words end where V8 sees them end. */
export function toRe2Text(text: string, flags: string): string {
  if (!flags.includes('i') || !FOREIGN_LETTERS.test(text)) return text;
  return text.replaceAll('\u017f', 's').replaceAll('\u212a', 'k');
}

function translateNext(cursor: Cursor): string {
  const { source, at } = cursor;
  const character = source[at] ?? '';
  const quantifier = /(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??/y;
  quantifier.lastIndex = at;
  const counts = quantifier.exec(source);
  if (counts !== null) return translateQuantifier(cursor, counts);
  if (character === '(') return translateGroup(cursor);
  if (character === '[') return translateClass(cursor);
  if (character === '\\') return translateEscape(cursor);
  if (character === '|' || character === ')') return take(cursor, character);
  return '^$.'.includes(character) ? translateSign(cursor, character) : literal(takeCode(cursor));
}

function translateSign(cursor: Cursor, sign: string): string {
  cursor.at++;
  if (sign === '.') return cursor.flags.includes('s') ? '[\\x{0}-\\x{10ffff}]' : `[^${LINE_ENDS}]`;
  if (cursor.flags.includes('m')) throw new NoTranslation();
  return sign === '^' ? '\\A' : '\\z';
}

/** Lazy or greedy finds the same: whether there is a match at all. */
function translateQuantifier(cursor: Cursor, match: RegExpExecArray): string {
  cursor.at += match[0].length;
  if ([match[1], match[2]].some((count) => Number(count ?? 0) > MAX_COUNT)) throw new NoTranslation();
  return match[0].replace(/(?<=.)\?$/, '');
}

function translateGroup(cursor: Cursor): string {
  const opening = /\((?:\?(?::|<[A-Za-z_$][\w$]*>))?(?!\?)/y;
  opening.lastIndex = cursor.at;
  const match = opening.exec(cursor.source);
  if (match === null) throw new NoTranslation();
  cursor.at += match[0].length;
  return '(?:';
}

function translateEscape(cursor: Cursor): string {
  const letter = cursor.source[cursor.at + 1] ?? '';
  if (letter === 'b' || letter === 'B') return take(cursor, `\\${letter}`);
  const set = classOf(cursor, letter);
  if (set === null) return literal(takeCode(cursor));
  cursor.at += 2;
  return `[${set}]`;
}

function translateClass(cursor: Cursor): string {
  cursor.at++;
  const negated = cursor.source[cursor.at] === '^';
  if (negated) cursor.at++;
  let members = '';
  while (cursor.source[cursor.at] !== ']') {
    if (cursor.at >= cursor.source.length) throw new NoTranslation();
    members += translateMember(cursor);
  }
  cursor.at++;
  if (members === '') return negated ? `[\\x{0}-\\x{10ffff}]` : `[^\\x{0}-\\x{10ffff}]`;
  return `[${negated ? '^' : ''}${members}]`;
}

function translateMember(cursor: Cursor): string {
  const { source } = cursor;
  if (source[cursor.at] === '\\') {
    const set = classOf(cursor, source[cursor.at + 1] ?? '');
    if (set !== null) {
      cursor.at += 2;
      return set;
    }
  }
  const from = literal(takeCode(cursor));
  if (source[cursor.at] !== '-' || source[cursor.at + 1] === ']') return from;
  cursor.at++;
  return `${from}-${literal(takeCode(cursor))}`;
}

/** The members of `\d` and its like, or null where the letter names one character. */
function classOf(cursor: Cursor, letter: string): string | null {
  const words = cursor.flags.includes('i') ? FOLDED_WORDS : WORDS;
  if (letter === 'd') return rangesOf(DIGITS);
  if (letter === 'D') return rangesOf(complement(DIGITS));
  if (letter === 'w') return rangesOf(words);
  if (letter === 'W') return rangesOf(complement(words));
  if (letter === 's') return rangesOf(SPACES);
  if (letter === 'S') return rangesOf(complement(SPACES));
  return null;
}

function complement(ranges: Ranges): Ranges {
  const left: (readonly [number, number])[] = [];
  let from = 0;
  for (const [low, high] of ranges) {
    if (low > from) left.push([from, low - 1]);
    from = high + 1;
  }
  return [...left, [from, LAST]];
}

function rangesOf(ranges: Ranges): string {
  return ranges.map(([low, high]) => `\\x{${low.toString(16)}}-\\x{${high.toString(16)}}`).join('');
}

/** One character, written or escaped; also `\b` inside a class. */
function takeCode(cursor: Cursor): number {
  const { source, at } = cursor;
  if (source[at] !== '\\') {
    const code = source.codePointAt(at) ?? 0;
    cursor.at += code > 0xffff ? 2 : 1;
    return code;
  }
  const coded =
    /\\(?:x([\dA-Fa-f]{2})|u([Dd][89A-Ba-b][\dA-Fa-f]{2})\\u([Dd][C-Fc-f][\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|u\{([\dA-Fa-f]+)\}|c([A-Za-z]))/y;
  coded.lastIndex = at;
  const match = coded.exec(source);
  if (match === null) return takeSimpleEscape(cursor);
  cursor.at += match[0].length;
  const [, two, high, low, four, braced, control] = match;
  if (control !== undefined) return control.charCodeAt(0) % 32;
  if (high !== undefined && low !== undefined)
    return String.fromCharCode(parseInt(high, 16), parseInt(low, 16)).codePointAt(0) ?? 0;
  return parseInt(two ?? four ?? braced ?? '', 16);
}

function takeSimpleEscape(cursor: Cursor): number {
  const letter = cursor.source[cursor.at + 1] ?? '';
  cursor.at += 2;
  if (letter === 'b') return 8;
  const control = CONTROLS[letter];
  if (control !== undefined) return control;
  if (letter === '' || /[A-Za-z1-9]/.test(letter)) throw new NoTranslation();
  return letter.charCodeAt(0);
}

function literal(code: number): string {
  if (code >= 0xd800 && code <= 0xdfff) throw new NoTranslation();
  return `\\x{${code.toString(16)}}`;
}

function take(cursor: Cursor, text: string): string {
  cursor.at += text.length;
  return text;
}
