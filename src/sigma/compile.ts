import type { Condition, Detection, Selection } from './ast.ts';
import type { EventTest } from './match.ts';
import { allOf, anyOf, compileItem } from './match.ts';
import { SigmaError } from './problem.ts';
import type { SigmaRule } from './rule.ts';

/** A rule ready to look at events. */
export interface CompiledRule {
  readonly rule: SigmaRule;
  /** Every field the rule reads, dotted as written, in order of first use; keywords read `*`. */
  readonly fields: readonly string[];
  /** True if the event matches. Reads own properties only, changes nothing, never throws on what JSON can hold. */
  match(event: object): boolean;
}

/** Compiles a rule to closures. Throws SigmaError if it has no detection (a check looks at state, not at events). */
export function compileRule(rule: SigmaRule): CompiledRule {
  const { detection } = rule;
  if (detection === null) {
    const message = `compile '${rule.title}': it has no detection`;
    throw new SigmaError([{ file: rule.file, ...rule.position([]), message, severity: 'error' }]);
  }
  const tests = new Map(
    [...detection.selections].map(([name, selection]) => [name, compileSelection(selection)]),
  );
  return { rule, fields: fieldsOf(detection), match: compileCondition(detection.condition, tests) };
}

function compileSelection(selection: Selection): EventTest {
  if (selection.kind === 'item') return compileItem(selection.item);
  if (selection.kind === 'elements') throw new Error('compile: array matching is not supported by this version');
  const tests = selection.of.map(compileSelection);
  return selection.kind === 'all' ? allOf(tests) : anyOf(tests);
}

function compileCondition(condition: Condition, tests: ReadonlyMap<string, EventTest>): EventTest {
  switch (condition.kind) {
    case 'never':
      return () => false;
    case 'selection':
      return tests.get(condition.name) ?? (() => false);
    case 'not': {
      const test = compileCondition(condition.of, tests);
      return (event) => !test(event);
    }
    case 'and':
      return allOf(condition.of.map((part) => compileCondition(part, tests)));
    case 'or':
      return anyOf(condition.of.map((part) => compileCondition(part, tests)));
  }
}

function fieldsOf(detection: Detection): string[] {
  const fields = new Set<string>();
  const visit = (selection: Selection): void => {
    if (selection.kind === 'item') fields.add(selection.item.field ?? '*');
    else if (selection.kind !== 'elements') selection.of.forEach(visit);
  };
  for (const [name, selection] of detection.selections) if (uses(detection.condition, name)) visit(selection);
  return [...fields];
}

function uses(condition: Condition, name: string): boolean {
  if (condition.kind === 'selection') return condition.name === name;
  if (condition.kind === 'not') return uses(condition.of, name);
  return condition.kind !== 'never' && condition.of.some((part) => uses(part, name));
}
