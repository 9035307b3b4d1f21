import type { Condition } from './ast.ts';

/** Longest condition read, in words: bounds the recursion of the parser. */
const MAX_WORDS = 400;

/** Selections that the conditions of a detection name, patterns as often as they match: bounds the work on an event. */
export const MAX_NAMED = 10_000;

export interface ParsedCondition {
  readonly condition: Condition;
  /** Names that the condition reads. */
  readonly used: ReadonlySet<string>;
  readonly lints: readonly string[];
}

/** The condition cannot be read. */
class ConditionError extends Error {
  override readonly name = 'ConditionError';
}

interface Cursor {
  readonly words: readonly string[];
  at: number;
  readonly names: readonly string[];
  readonly used: Set<string>;
  readonly lints: string[];
  readonly room: NameRoom;
}

/** How many selections may still be named; it is shared by the conditions of one detection. */
export interface NameRoom {
  names: number;
}

/**
 * Parses a condition over the given selection names, or returns the reason why it cannot be. Words are told apart
 * before operators are looked for, so `notice` is a name. `or` binds less than `and`, `and` less than `not`.
 */
export function parseCondition(
  text: string,
  names: readonly string[],
  room: NameRoom = { names: MAX_NAMED },
): ParsedCondition | string {
  try {
    const cursor: Cursor = { words: toWords(text), at: 0, names, used: new Set(), lints: [], room };
    const condition = parseOr(cursor);
    const left = cursor.words[cursor.at];
    if (left !== undefined) throw new ConditionError(`expected 'and' or 'or' before '${left}'`);
    if (cursor.used.size === 0) throw new ConditionError('it names no selection, so it could never be true');
    return { condition, used: cursor.used, lints: cursor.lints };
  } catch (error) {
    if (error instanceof ConditionError) return error.message;
    throw error;
  }
}

/** Words that cannot name a selection. */
export function isReservedName(name: string): boolean {
  return ['and', 'or', 'not', 'AND', 'OR', 'NOT'].includes(name);
}

function toWords(text: string): string[] {
  const words: string[] = [];
  const pattern = /\s+|([()]|[A-Za-z0-9_*-]+)/y;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw new ConditionError(unreadable(text[at] ?? ''));
    if (match[1] !== undefined) words.push(match[1]);
    if (words.length > MAX_WORDS) throw new ConditionError(`it is longer than ${MAX_WORDS} words`);
  }
  if (words.length === 0) throw new ConditionError('it is empty');
  return words;
}

function unreadable(character: string): string {
  if (character === '|') return "aggregation with '|' is no longer part of Sigma; use a correlation document";
  return `unexpected '${character}'`;
}

function parseOr(cursor: Cursor): Condition {
  return parseChain(cursor, 'or', parseAnd);
}

function parseAnd(cursor: Cursor): Condition {
  return parseChain(cursor, 'and', parseNot);
}

function parseChain(
  cursor: Cursor,
  operator: 'and' | 'or',
  operand: (cursor: Cursor) => Condition,
): Condition {
  const first = operand(cursor);
  const of = [first];
  while (takeOperator(cursor, operator)) of.push(operand(cursor));
  return of.length === 1 ? first : { kind: operator, of };
}

function parseNot(cursor: Cursor): Condition {
  return takeOperator(cursor, 'not') ? { kind: 'not', of: parseNot(cursor) } : parsePrimary(cursor);
}

function parsePrimary(cursor: Cursor): Condition {
  const word = cursor.words[cursor.at++];
  if (word === undefined) throw new ConditionError('it ends where a selection is expected');
  if (word === '(') {
    const inside = parseOr(cursor);
    if (cursor.words[cursor.at++] !== ')') throw new ConditionError("a '(' is never closed");
    return inside;
  }
  if (word === ')') throw new ConditionError("unexpected ')'");
  if (cursor.words[cursor.at] === 'of') return parseQuantifier(cursor, word);
  if (isReservedName(word)) throw new ConditionError(`expected a selection before '${word}'`);
  if (word.includes('*')) throw new ConditionError(`'${word}' needs '1 of' or 'all of' before it`);
  if (!cursor.names.includes(word)) throw new ConditionError(`selection '${word}' is not defined`);
  use(cursor, [word]);
  return { kind: 'selection', name: word };
}

function parseQuantifier(cursor: Cursor, quantifier: string): Condition {
  if (!['1', 'any', 'all'].includes(quantifier)) {
    throw new ConditionError(`'${quantifier} of' is not part of Sigma; use '1 of' or 'all of'`);
  }
  cursor.at++;
  const pattern = cursor.words[cursor.at++];
  if (pattern === undefined || pattern === '(' || pattern === ')') {
    throw new ConditionError(`'${quantifier} of' needs a name, a pattern or 'them'`);
  }
  const names = namesFor(cursor, pattern);
  if (names.length === 0) return emptyQuantifier(cursor, quantifier, pattern);
  use(cursor, names);
  return {
    kind: quantifier === 'all' ? 'and' : 'or',
    of: names.map((name) => ({ kind: 'selection', name })),
  };
}

function use(cursor: Cursor, names: readonly string[]): void {
  const { room, used } = cursor;
  if (names.length > room.names) throw new ConditionError(`it names more than ${MAX_NAMED} selections`);
  room.names -= names.length;
  for (const name of names) used.add(name);
}

/** `1 of` nothing is false; `all of` nothing would be true for every event, which nobody means. */
function emptyQuantifier(cursor: Cursor, quantifier: string, pattern: string): Condition {
  const message = `'${quantifier} of ${pattern}' matches no selection`;
  if (quantifier === 'all' || !pattern.includes('*')) throw new ConditionError(message);
  cursor.lints.push(message);
  return { kind: 'never' };
}

/** `them` and patterns leave out names that begin with `_`, unless the pattern itself does. */
function namesFor(cursor: Cursor, pattern: string): string[] {
  const hidden = (name: string): boolean => name.startsWith('_') && !pattern.startsWith('_');
  if (pattern === 'them') return cursor.names.filter((name) => !hidden(name));
  if (!pattern.includes('*')) return cursor.names.filter((name) => name === pattern);
  return cursor.names.filter((name) => !hidden(name) && matchesName(name, pattern));
}

function matchesName(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop() ?? '';
  if (!name.startsWith(first)) return false;
  let from = first.length;
  for (const piece of rest) {
    const at = name.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return name.length - last.length >= from && name.endsWith(last);
}

function takeOperator(cursor: Cursor, operator: 'and' | 'or' | 'not'): boolean {
  const word = cursor.words[cursor.at];
  const upper = word === operator.toUpperCase();
  if (word !== operator && !upper) return false;
  if (upper) cursor.lints.push(`operator '${word}' is written in lower case in Sigma`);
  cursor.at++;
  return true;
}
