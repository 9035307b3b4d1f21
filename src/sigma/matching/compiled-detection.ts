import type { Condition, Detection, Item, Selection } from '../language/ast.ts';
import type { ElementsSelection } from './elements.ts';
import { compileElements } from './elements.ts';
import type { CompiledItem, EventTest } from './match.ts';
import { allOf, anyOf, compileItem } from './match.ts';

/** A condition with the tests of its parts: the matcher calls the outermost, `explainRule` calls them all. */
export type ConditionNode =
  | { readonly kind: 'and' | 'or'; readonly of: readonly ConditionNode[]; readonly test: EventTest }
  | { readonly kind: 'not'; readonly of: ConditionNode; readonly test: EventTest }
  | {
      readonly kind: 'selection';
      readonly name: string;
      readonly of: SelectionNode;
      readonly test: EventTest;
    }
  | { readonly kind: 'never'; readonly test: EventTest };

export type SelectionNode =
  | {
      readonly kind: 'item';
      readonly item: Item;
      readonly compiled: CompiledItem;
      readonly test: EventTest;
    }
  | { readonly kind: 'all' | 'any'; readonly of: readonly SelectionNode[]; readonly test: EventTest }
  | {
      readonly kind: 'elements';
      readonly selection: ElementsSelection;
      readonly body: ConditionNode;
      readonly test: EventTest;
    };

const NEVER: ConditionNode = { kind: 'never', test: () => false };

/** Compiles the selections that the condition uses, and the condition. */
export function compileDetection(detection: Detection): ConditionNode {
  const nodes = new Map<string, SelectionNode>();
  const used = namesUsed(detection.condition);
  for (const [name, selection] of detection.selections) {
    if (used.has(name)) nodes.set(name, compileSelection(selection));
  }
  return compileCondition(detection.condition, nodes);
}

function compileSelection(selection: Selection): SelectionNode {
  if (selection.kind === 'item') {
    const compiled = compileItem(selection.item);
    return { kind: 'item', item: selection.item, compiled, test: compiled.test };
  }
  if (selection.kind === 'elements') {
    const body = compileDetection(selection.body);
    return { kind: 'elements', selection, body, test: compileElements(selection, body.test) };
  }
  const of = selection.of.map(compileSelection);
  const tests = of.map((node) => node.test);
  return { kind: selection.kind, of, test: selection.kind === 'all' ? allOf(tests) : anyOf(tests) };
}

function compileCondition(condition: Condition, nodes: ReadonlyMap<string, SelectionNode>): ConditionNode {
  switch (condition.kind) {
    case 'never':
      return NEVER;
    case 'selection': {
      const of = nodes.get(condition.name);
      return of === undefined ? NEVER : { kind: 'selection', name: condition.name, of, test: of.test };
    }
    case 'not': {
      const of = compileCondition(condition.of, nodes);
      return { kind: 'not', of, test: (event) => !of.test(event) };
    }
    default: {
      const of = condition.of.map((part) => compileCondition(part, nodes));
      const tests = of.map((node) => node.test);
      return { kind: condition.kind, of, test: condition.kind === 'and' ? allOf(tests) : anyOf(tests) };
    }
  }
}

/** Every field that a detection reads, dotted, in order of first use; keywords read `*`; indexes are left out. */
export function fieldsOf(detection: Detection): string[] {
  const fields = new Set<string>();
  addFields(detection, '', fields);
  return [...fields];
}

function addFields(detection: Detection, above: string, fields: Set<string>): void {
  const used = namesUsed(detection.condition);
  const visit = (selection: Selection): void => {
    if (selection.kind === 'item') addItem(selection.item, above, fields);
    else if (selection.kind === 'elements') {
      const path = join(above, dotted(selection.field, selection.steps));
      addFields(selection.body, path, fields);
    } else selection.of.forEach(visit);
  };
  for (const [name, selection] of detection.selections) if (used.has(name)) visit(selection);
}

function addItem(item: Item, above: string, fields: Set<string>): void {
  if (item.field === null) fields.add(above === '' ? '*' : above);
  else fields.add(join(above, dotted(item.field, item.steps)));
  for (const value of item.values) {
    if (value.kind === 'fieldref') fields.add(join(above, dotted(value.field, value.steps)));
  }
}

function dotted(field: string, steps: Item['steps']): string {
  if (steps === undefined) return field;
  return steps.flatMap((step) => ('key' in step ? [step.key] : [])).join('.');
}

function join(above: string, field: string): string {
  return above === '' || field === '' ? `${above}${field}` : `${above}.${field}`;
}

function namesUsed(condition: Condition): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (one: Condition): void => {
    if (one.kind === 'selection') names.add(one.name);
    else if (one.kind === 'not') visit(one.of);
    else if (one.kind !== 'never') one.of.forEach(visit);
  };
  visit(condition);
  return names;
}
