import type { AST, Parser } from 'node-sql-parser';
import { checkViews } from '../store/check-database.ts';

/** Why a check's statement is refused; `line` counts from 1 within the statement. */
export class CheckGuardError extends Error {
  override readonly name = 'CheckGuardError';
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

/** Nodes a check may be made of; everything else is refused, also what a later parser may learn to read. */
const NODE_TYPES = new Set([
  'select',
  'expr',
  'default',
  'column_ref',
  'number',
  'bigint',
  'bool',
  'null',
  'single_quote_string',
  'param',
  'star',
  'binary_expr',
  'unary_expr',
  'expr_list',
  'function',
  'aggr_func',
  'case',
  'when',
  'else',
  'ASC',
  'DESC',
]);

/** Harmless on both databases, and the same on both. `exists` and `not exists` are read as functions. */
const FUNCTIONS = new Set([
  'exists',
  'not exists',
  'count',
  'sum',
  'min',
  'max',
  'coalesce',
  'nullif',
  'lower',
  'upper',
  'length',
  'substr',
  'trim',
  'abs',
  'replace',
]);

const OPERATORS = new Set([
  ...[
    '=',
    '<>',
    '!=',
    '<',
    '<=',
    '>',
    '>=',
    '+',
    '-',
    '*',
    '/',
    '%',
    '||',
    'and',
    'or',
    'not',
    'is',
    'is not',
  ],
  ...['like', 'not like', 'in', 'not in', 'between', 'not between', 'exists', 'not exists'],
]);

/** Comments, quoting of names, escapes, parameters and brackets: two parsers could read them in two ways. */
const FORBIDDEN_TEXT = /--|\/\*|[\\`"$;[\]{}@#~^]/;
const LITERAL = /'(?:[^']|'')*'/g;
/** Enough for any honest check; more would be a way around the step counter by materialised joins. */
const MAX_TABLES = 8;

let parser: Promise<Parser> | undefined;

/** The PostgreSQL grammar alone (300 KB), loaded when the first check is. */
async function openParser(): Promise<Parser> {
  const module = (await import('node-sql-parser/build/postgresql.js')) as unknown as {
    default: { Parser: new () => Parser };
  };
  return new module.default.Parser();
}

/**
 * Lets through one SELECT over the views `v_*` with harmless functions, and nothing else. Throws CheckGuardError.
 * What it lets through runs unchanged on SQLite and PostgreSQL.
 */
export async function guardCheck(statement: string): Promise<void> {
  refuseText(statement);
  parser ??= openParser();
  const root = parse(await parser, statement);
  if (Array.isArray(root) || root.type !== 'select')
    throw new CheckGuardError('a check is one SELECT statement', 1);
  const walk: Walk = { statement, tables: 0, named: new Set() };
  visitRoot(walk, root as unknown as Node);
}

/** Names of the columns that a guarded statement selects, in order; of an expression without a name nothing. */
export async function selectedColumns(statement: string): Promise<string[]> {
  parser ??= openParser();
  const root = parse(await parser, statement) as unknown as Node;
  return (root['columns'] as Node[]).flatMap((column) => {
    if (typeof column['as'] === 'string') return [column['as']];
    const inner = (column['expr'] as Node | null)?.['column'] as Node | string | undefined;
    const name = typeof inner === 'object' ? valueOf(inner['expr']) : '';
    return name === '' ? [] : [name];
  });
}

type Node = Record<string, unknown>;

interface Walk {
  readonly statement: string;
  tables: number;
  /** Names that the WITH in front has defined so far. */
  readonly named: Set<string>;
}

function refuseText(statement: string): void {
  const bare = statement.replace(LITERAL, (literal) => literal.replace(/[^\n]/g, ' '));
  const found = FORBIDDEN_TEXT.exec(bare) ?? /'/.exec(bare) ?? /:(?!now\b)/i.exec(bare);
  if (found) {
    const line = bare.slice(0, found.index).split('\n').length;
    throw new CheckGuardError(`'${found[0]}' is not allowed in a check; the only parameter is :now`, line);
  }
  if (/\\/.test(statement)) throw new CheckGuardError(`'\\' is not allowed in a check`, 1);
}

function parse(sql: Parser, statement: string): AST | AST[] {
  try {
    return sql.astify(statement, { database: 'postgresql', parseOptions: { includeLocations: true } });
  } catch (error) {
    const { location, message } = error as { location?: { start: { line: number } }; message?: string };
    const found = /but (.{1,20}) found/.exec(message ?? '')?.[1];
    const what =
      found === undefined ? 'the statement cannot be read' : `the statement cannot be read at ${found}`;
    throw new CheckGuardError(what, location?.start.line ?? 1);
  }
}

function visitRoot(walk: Walk, root: Node): void {
  for (const entry of (root['with'] as Node[] | null) ?? []) {
    const name = valueOf(entry['name']);
    if (entry['recursive'] === true) throw refuse(walk, name, 'a recursive WITH is not allowed');
    if (name === '' || name.startsWith('v_')) throw refuse(walk, name, `WITH must not define '${name}'`);
    visit(walk, entry['stmt']);
    walk.named.add(name);
  }
  visit(walk, { ...root, with: null });
}

/** Walks every object of the tree: what is not known to be harmless is refused. */
function visit(walk: Walk, value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) visit(walk, item);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const node = value as Node;
  checkNode(walk, node);
  for (const [key, inner] of Object.entries(node)) {
    if (key !== 'loc' && key !== 'tableList' && key !== 'columnList' && key !== 'from') visit(walk, inner);
  }
  if (node['from'] !== undefined) visitFrom(walk, node['from']);
}

function checkNode(walk: Walk, node: Node): void {
  const type = node['type'];
  if (typeof type !== 'string') return;
  if (!NODE_TYPES.has(type)) throw refuse(walk, type, `'${type}' is not allowed in a check`);
  if (type === 'select') checkSelect(walk, node);
  if (type === 'column_ref') checkColumn(walk, node);
  if (type === 'param' && node['value'] !== 'now') throw refuse(walk, ':', 'the only parameter is :now');
  if (type === 'function' || type === 'aggr_func') checkFunction(walk, node);
  if (type === 'binary_expr' || type === 'unary_expr') checkOperator(walk, String(node['operator']));
}

function checkColumn(walk: Walk, node: Node): void {
  if (node['db'] == null && node['schema'] == null) return;
  throw refuse(walk, 'select', 'a column is named by its view alone');
}

function checkOperator(walk: Walk, operator: string): void {
  if (OPERATORS.has(operator.toLowerCase())) return;
  throw refuse(walk, operator, `the operator '${operator}' is not allowed in a check`);
}

function checkSelect(walk: Walk, node: Node): void {
  if (node['with'] != null) throw refuse(walk, 'with', 'WITH stands in front of the whole statement only');
  const into = node['into'] as Node | null | undefined;
  if (into?.['expr'] !== undefined && into['expr'] !== null)
    throw refuse(walk, 'into', 'SELECT INTO is not allowed');
  for (const key of ['locking_read', 'for', 'window', 'options']) {
    if (node[key] != null) throw refuse(walk, key, `'${key}' is not allowed in a check`);
  }
}

function checkFunction(walk: Walk, node: Node): void {
  const name = node['name'];
  const named = typeof name === 'object' && name !== null ? (name as Node) : null;
  if (named?.['schema'] !== undefined)
    throw refuse(walk, valueOf(named['schema']), 'functions have no schema');
  const text = named === null ? String(name) : (named['name'] as Node[]).map(valueOf).join('.');
  if (!FUNCTIONS.has(text.toLowerCase())) {
    throw refuse(
      walk,
      text,
      `the function '${text}' is not allowed in a check; ${[...FUNCTIONS].join(', ')} are`,
    );
  }
  if (node['over'] != null) throw refuse(walk, 'over', 'window functions are not allowed');
}

function visitFrom(walk: Walk, from: unknown): void {
  if (from === null) return;
  for (const item of Array.isArray(from) ? (from as Node[]) : [from as Node]) {
    walk.tables += 1;
    if (walk.tables > MAX_TABLES) throw refuse(walk, 'from', `a check names at most ${MAX_TABLES} views`);
    if (typeof item['table'] === 'string') checkTable(walk, item);
    else if (!isSubquery(item['expr'])) throw refuse(walk, 'from', 'a check reads views and subqueries only');
    for (const [key, inner] of Object.entries(item)) if (key !== 'loc') visit(walk, inner);
  }
}

function checkTable(walk: Walk, item: Node): void {
  const table = String(item['table']);
  if (item['db'] != null || item['schema'] != null) {
    throw refuse(walk, table, `'${table}' is named with a schema; views are named alone`);
  }
  if (!Object.hasOwn(checkViews, table) && !walk.named.has(table)) {
    throw refuse(walk, table, `'${table}' is no view for checks; ${Object.keys(checkViews).join(', ')} are`);
  }
}

function isSubquery(value: unknown): boolean {
  const inner = (value as Node | undefined)?.['ast'] as Node | undefined;
  return inner?.['type'] === 'select';
}

function valueOf(node: unknown): string {
  const value = (node as Node | null)?.['value'];
  return typeof value === 'string' ? value : '';
}

/** Not every node knows its place, so the line is that of the first mention. */
function refuse(walk: Walk, mention: string, message: string): CheckGuardError {
  const at = mention === '' ? -1 : walk.statement.toLowerCase().indexOf(mention.toLowerCase());
  return new CheckGuardError(message, at < 0 ? 1 : walk.statement.slice(0, at).split('\n').length);
}
