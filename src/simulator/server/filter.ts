import { badRequest } from './errors.ts';

export type Literal = string | number | boolean | null;
export type Operator = 'eq' | 'ne' | 'ge' | 'le' | 'gt' | 'lt' | 'startswith';

/** A parsed `$filter`. Paths are slash-separated names. */
export type Filter =
  | { readonly kind: 'logic'; readonly operator: 'and' | 'or'; readonly left: Filter; readonly right: Filter }
  | {
      readonly kind: 'compare';
      readonly path: string;
      readonly operator: Operator;
      readonly literal: LiteralToken;
    }
  | { readonly kind: 'not'; readonly of: Filter }
  | { readonly kind: 'any'; readonly path: string; readonly variable: string; readonly of: Filter };

export interface LiteralToken {
  readonly type: 'string' | 'number' | 'boolean' | 'null' | 'datetime';
  readonly value: Literal;
}

interface Token {
  readonly kind: 'word' | 'string' | 'mark' | 'value';
  readonly text: string;
}

const TOKEN = /\s*(?:'((?:[^']|'')*)'|([A-Za-z_@][\w.]*(?:\/[A-Za-z_][\w.]*)*)|([0-9-][\w:.+-]*)|([(),:]))/y;
const OPERATORS: readonly string[] = ['eq', 'ne', 'ge', 'le', 'gt', 'lt'];

/** Parses and, or, not, parentheses, comparisons, startswith() and any(); anything else is 400 as the real service's "invalid filter". */
export function parseFilter(text: string): Filter {
  const reader = new TokenReader(tokenize(text), text);
  const filter = parseOr(reader);
  if (!reader.done) throw reader.error();
  return filter;
}

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const match = TOKEN.exec(text);
    if (!match) throw invalidFilter(text);
    const [, quoted, word, value, mark] = match;
    if (quoted !== undefined) tokens.push({ kind: 'string', text: quoted.replaceAll("''", "'") });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else if (value !== undefined) tokens.push({ kind: 'value', text: value });
    else tokens.push({ kind: 'mark', text: mark ?? '' });
  }
  return tokens;
}

function invalidFilter(text: string): Error {
  return badRequest(`Invalid filter clause: '${text}'`);
}

class TokenReader {
  readonly #tokens: readonly Token[];
  readonly #text: string;
  #at = 0;

  constructor(tokens: readonly Token[], text: string) {
    this.#tokens = tokens;
    this.#text = text;
  }

  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }

  error(): Error {
    return invalidFilter(this.#text);
  }

  next(): Token {
    const token = this.#tokens[this.#at++];
    if (!token) throw this.error();
    return token;
  }

  /** Takes the next token if it is this word or mark. */
  take(text: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.text !== text || (token.kind !== 'word' && token.kind !== 'mark')) return false;
    this.#at++;
    return true;
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.error();
  }

  word(): string {
    const token = this.next();
    if (token.kind !== 'word') throw this.error();
    return token.text;
  }
}

function parseOr(reader: TokenReader): Filter {
  let left = parseAnd(reader);
  while (reader.take('or')) left = { kind: 'logic', operator: 'or', left, right: parseAnd(reader) };
  return left;
}

function parseAnd(reader: TokenReader): Filter {
  let left = parseTerm(reader);
  while (reader.take('and')) left = { kind: 'logic', operator: 'and', left, right: parseTerm(reader) };
  return left;
}

function parseTerm(reader: TokenReader): Filter {
  if (reader.take('(')) {
    const inner = parseOr(reader);
    reader.expect(')');
    return inner;
  }
  const word = reader.word();
  if (word === 'not') return { kind: 'not', of: parseTerm(reader) };
  if (word === 'startswith' || word === 'startsWith') return parseStartsWith(reader);
  if (word.endsWith('/any')) return parseAny(reader, word.slice(0, -'/any'.length));
  const operator = reader.word();
  if (!OPERATORS.includes(operator)) throw reader.error();
  return { kind: 'compare', path: word, operator: operator as Operator, literal: parseLiteral(reader) };
}

function parseStartsWith(reader: TokenReader): Filter {
  reader.expect('(');
  const path = reader.word();
  reader.expect(',');
  const literal = parseLiteral(reader);
  reader.expect(')');
  return { kind: 'compare', path, operator: 'startswith', literal };
}

function parseAny(reader: TokenReader, path: string): Filter {
  reader.expect('(');
  const variable = reader.word();
  reader.expect(':');
  const of = parseOr(reader);
  reader.expect(')');
  return { kind: 'any', path, variable, of };
}

function parseLiteral(reader: TokenReader): LiteralToken {
  const { kind, text } = reader.next();
  if (kind === 'string') return { type: 'string', value: text };
  if (kind === 'word' && (text === 'true' || text === 'false'))
    return { type: 'boolean', value: text === 'true' };
  if (kind === 'word' && text === 'null') return { type: 'null', value: null };
  if (kind === 'value' && /^-?\d+(\.\d+)?$/.test(text)) return { type: 'number', value: Number(text) };
  const instant = /^\d{4}-\d\d-\d\d(T.*)?$/.test(text) ? Date.parse(text) : NaN;
  if (kind !== 'value' || Number.isNaN(instant)) throw reader.error();
  return { type: 'datetime', value: instant };
}

/** What a resource lets its clients filter by: path (inside any(): `collection/any` or `collection/any/name`) to type and operators. */
export type FilterRules = Readonly<
  Record<string, { readonly type: LiteralToken['type']; readonly operators: readonly Operator[] }>
>;

/**
 * Throws the 400 of the real service for a property or operator that the resource does not support. `advanced`: the
 * request is an advanced query of the directory, which alone may say `not` (aad-advanced-queries.md).
 */
export function checkFilter(
  filter: Filter,
  rules: FilterRules,
  refuse: (path: string) => Error,
  advanced = false,
): void {
  if (filter.kind === 'logic') {
    checkFilter(filter.left, rules, refuse, advanced);
    checkFilter(filter.right, rules, refuse, advanced);
    return;
  }
  if (filter.kind === 'not') {
    if (!advanced) throw refuse('not');
    checkFilter(filter.of, rules, refuse, advanced);
    return;
  }
  if (filter.kind === 'any') {
    checkFilter(renameVariable(filter.of, filter.variable, `${filter.path}/any`), rules, refuse, advanced);
    return;
  }
  const rule = rules[filter.path];
  if (!rule?.operators.includes(filter.operator)) throw refuse(filter.path);
  if (filter.literal.type !== rule.type && filter.literal.type !== 'null') {
    throw badRequest(
      `A binary operator with incompatible types was detected. Found operand types for property '${filter.path}' and '${String(filter.literal.value)}'.`,
    );
  }
}

function renameVariable(filter: Filter, variable: string, to: string): Filter {
  if (filter.kind === 'any') return filter;
  if (filter.kind === 'not') return { kind: 'not', of: renameVariable(filter.of, variable, to) };
  if (filter.kind !== 'compare') {
    const { left, right } = filter;
    return {
      ...filter,
      left: renameVariable(left, variable, to),
      right: renameVariable(right, variable, to),
    };
  }
  const inside = filter.path === variable || filter.path.startsWith(`${variable}/`);
  return inside ? { ...filter, path: to + filter.path.slice(variable.length) } : filter;
}

/** Whether a record matches; `read` gives the value at a path of the record. Text compares without case. */
export function matches(filter: Filter, read: (path: string) => unknown): boolean {
  switch (filter.kind) {
    case 'logic': {
      const left = matches(filter.left, read);
      if (filter.operator === 'and') return left && matches(filter.right, read);
      return left || matches(filter.right, read);
    }
    case 'not':
      return !matches(filter.of, read);
    case 'any': {
      const items = read(filter.path);
      if (!Array.isArray(items)) return false;
      return items.some((item) => matches(filter.of, (path) => readPath(item, path.split('/').slice(1))));
    }
    case 'compare':
      return compare(read(filter.path), filter.operator, filter.literal);
  }
}

export function readPath(value: unknown, names: readonly string[]): unknown {
  let current = value;
  for (const name of names) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Record<string, unknown>)[name];
  }
  return current;
}

function compare(value: unknown, operator: Operator, literal: LiteralToken): boolean {
  const left = comparable(value, literal.type);
  const right = typeof literal.value === 'string' ? literal.value.toLowerCase() : literal.value;
  if (operator === 'eq') return left === right;
  if (operator === 'ne') return left !== right;
  if (left === null || right === null) return false;
  if (operator === 'startswith') return String(left).startsWith(String(right));
  if (operator === 'ge') return left >= right;
  if (operator === 'le') return left <= right;
  return operator === 'gt' ? left > right : left < right;
}

function comparable(value: unknown, type: LiteralToken['type']): Literal {
  if (value === undefined || value === null) return null;
  if (type === 'datetime') return typeof value === 'number' ? value : Date.parse(String(value));
  if (typeof value === 'string') return value.toLowerCase();
  return typeof value === 'number' || typeof value === 'boolean' ? value : null;
}

/** A rule's right side: `on('datetime', 'ge', 'le', 'eq')`. */
export function on(type: LiteralToken['type'], ...operators: Operator[]): FilterRules[string] {
  return { type, operators };
}
