import type { Node } from 'yaml';
import { isScalar } from 'yaml';

/** A value as a rule author wrote it. A number keeps its text: `00000429` and `1.50` mean more than 429 and 1.5. */
export type RuleScalar =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly value: number; readonly source: string }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly source: string }
  | { readonly kind: 'null' };

/** Null for what is no scalar. Integers with leading zeros, and numbers that are none (`.nan`, `.inf`), are texts. */
export function toRuleScalar(node: Node): RuleScalar | null {
  if (!isScalar(node)) return null;
  const { value } = node;
  const source = node.source ?? String(value);
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (typeof value === 'boolean') return { kind: 'boolean', value, source };
  if (typeof value !== 'number') return { kind: 'null' };
  if (/^[-+]?0\d/.test(source) || !Number.isFinite(value)) return { kind: 'text', text: source };
  return { kind: 'number', value, source };
}
