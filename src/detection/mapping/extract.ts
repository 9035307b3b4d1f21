import type { Expression } from './schema.ts';

/** Reads a field's values from a record; none = the field is absent, null = it is there and null. */
export type Reader = (record: unknown) => unknown[];

/** As deep as records are looked at; hostile nesting below is not followed. */
const MAX_DEPTH = 100;

/** What an expression does to a record. Own properties only; never throws on what JSON can hold. */
export function compileExpression(expression: Expression): Reader {
  const read = reader(expression);
  const { default: fallback, trim, unquote, values } = expression;
  if (fallback === undefined && trim !== true && unquote !== true && values === undefined) return read;
  const change = changer(expression);
  return (record) => {
    const found = read(record).flatMap(change);
    return found.length === 0 && fallback !== undefined ? [fallback] : found;
  };
}

/** The path in Graph's record that an expression reads; null for a constant. */
export function pathOf(expression: Expression): string | null {
  if ('path' in expression) return expression.path;
  if ('leaves' in expression) return expression.leaves;
  if ('json' in expression) return expression.json;
  if ('kv' in expression) return expression.kv;
  return 'outcome' in expression ? expression.outcome : null;
}

function reader(expression: Expression): Reader {
  if ('const' in expression) return () => [expression.const];
  if ('kv' in expression) return keyValueReader(expression);
  const steps = (pathOf(expression) ?? '').split('.').map((step) => step.toLowerCase());
  const exact = (pathOf(expression) ?? '').split('.');
  const walk = (record: unknown, open: boolean): unknown[] => {
    const found: unknown[] = [];
    collect({ steps, exact, open, found }, record, 0, 0);
    return found;
  };
  if ('leaves' in expression) return (record) => addLeaves(walk(record, true), 0, []);
  if ('json' in expression) return (record) => walk(record, false).map((value) => JSON.stringify(value));
  if ('outcome' in expression) return (record) => walk(record, true).flatMap(outcomeOf(expression));
  return (record) => walk(record, true);
}

interface Walk {
  readonly steps: readonly string[];
  readonly exact: readonly string[];
  /** Whether a list at the end of the path stands for its members. */
  readonly open: boolean;
  readonly found: unknown[];
}

function collect(walk: Walk, node: unknown, step: number, depth: number): void {
  if (depth > MAX_DEPTH) return;
  const last = step === walk.steps.length;
  if (Array.isArray(node) && (walk.open || !last)) {
    for (const member of node) collect(walk, member, step, depth + 1);
    return;
  }
  if (last) {
    if (node !== undefined) walk.found.push(node);
    return;
  }
  const next = childOf(node, walk.exact[step] ?? '', walk.steps[step] ?? '');
  if (next !== undefined) collect(walk, next, step + 1, depth + 1);
}

function childOf(node: unknown, exact: string, folded: string): unknown {
  if (typeof node !== 'object' || node === null) return undefined;
  const key = keyOf(node, exact, folded);
  return key === null ? undefined : (node as Record<string, unknown>)[key];
}

/** The record's own key of that name, else one that differs in case only: exporters have changed the case of keys. */
function keyOf(node: object, exact: string, folded: string): string | null {
  if (Object.hasOwn(node, exact)) return exact;
  return (
    Object.keys(node).find((key) => key.length === folded.length && key.toLowerCase() === folded) ?? null
  );
}

function addLeaves(value: unknown, depth: number, found: unknown[]): unknown[] {
  if (typeof value !== 'object' || value === null) found.push(value);
  else if (depth <= MAX_DEPTH) for (const member of Object.values(value)) addLeaves(member, depth + 1, found);
  return found;
}

function outcomeOf({ zero, other }: { zero: string; other: string }): Reader {
  return (value) => (typeof value === 'number' ? [value === 0 ? zero : other] : []);
}

type KeyValue = Extract<Expression, { kv: string }>;

function keyValueReader(expression: KeyValue): Reader {
  const objects = reader({ path: expression.kv });
  const wanted = plainName(expression.name);
  const keys = reader({ path: expression.key });
  const values = reader({ path: expression.value });
  return (record) =>
    objects(record).flatMap((entry) =>
      keys(entry).some((key) => typeof key === 'string' && plainName(key) === wanted) ? values(entry) : [],
    );
}

/** Keys come as "Additional Info", "additionalInfo" and with underscores. */
function plainName(name: string): string {
  return name.replace(/[\s_]/g, '').toLowerCase();
}

function changer({ trim, unquote, values }: Expression): Reader {
  const others = new Map(Object.entries(values ?? {}).map(([from, to]) => [from.toLowerCase(), to]));
  return (value) => {
    const list = unquote === true ? unquoted(value) : [value];
    return list.flatMap((one) => {
      const text = trim === true && typeof one === 'string' ? one.trim() : one;
      const other = others.get(String(text).toLowerCase());
      return other === undefined ? [text] : [text, other];
    });
  };
}

/** `"\"x\""` is x, `"[true]"` is true; what is no JSON, or an object, stays as it is. */
function unquoted(value: unknown): unknown[] {
  if (typeof value !== 'string' || !/^\s*["[]/.test(value)) return [value];
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) ? parsed.filter((one) => typeof one !== 'object') : [parsed];
  } catch {
    return [value];
  }
}
