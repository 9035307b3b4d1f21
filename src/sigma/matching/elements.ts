import type { Selection } from '../language/ast.ts';
import type { EventTest } from './match.ts';
import type { NodeAccess } from './path.ts';
import { accessField } from './path.ts';

export type ElementsSelection = Extract<Selection, { kind: 'elements' }>;

/**
 * Compiles `field[quantifier]`: each element of the array is judged by itself. Arrays that stand in several elements
 * of an outer array count as one long array. A value that is no array has no elements, and is not an empty one either:
 * only `none` holds for it.
 */
export function compileElements(selection: ElementsSelection, body: EventTest): EventTest {
  const access = accessField(selection.field, selection.steps);
  const failing: EventTest = (element) => !body(element);
  switch (selection.quantifier) {
    case 'any':
      return (event) => someElement(event, access, body);
    case 'none':
      return (event) => !someElement(event, access, body);
    case 'all':
      return (event) => someElement(event, access, () => true) && !someElement(event, access, failing);
    case 'all_or_empty':
      return (event) => !access.someValue(event, isSingle) && !someElement(event, access, failing);
  }
}

/** The elements that a quantifier looks at, in order. */
export function elementsOf(selection: ElementsSelection, event: unknown): unknown[] {
  const found: unknown[] = [];
  someElement(event, accessField(selection.field, selection.steps), (element) => {
    found.push(element);
    return false;
  });
  return found;
}

function someElement(event: unknown, access: NodeAccess, test: EventTest): boolean {
  return access.someValue(event, (value) => Array.isArray(value) && value.some(test));
}

function isSingle(value: unknown): boolean {
  return !Array.isArray(value) && value !== null && value !== undefined;
}
