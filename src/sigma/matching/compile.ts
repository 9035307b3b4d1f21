import type { Detection } from '../language/ast.ts';
import type { ConditionNode } from './compiled-detection.ts';
import { compileDetection, fieldsOf } from './compiled-detection.ts';
import type { CompiledFilter, JudgeOptions } from './compiled-filter.ts';
import { isInForce } from './compiled-filter.ts';
import type { Placeholders } from '../language/placeholders.ts';
import { placeholdersIn } from '../language/placeholders.ts';
import { SigmaError } from '../language/problem.ts';
import { resolveDocument } from '../language/resolve.ts';
import type { SigmaRule } from '../language/rule.ts';

/** A rule ready to look at events. */
export interface CompiledRule {
  readonly rule: SigmaRule;
  /** The rule's detection with its placeholders resolved. */
  readonly detection: Detection;
  /** The compiled condition, for `explainRule`. */
  readonly condition: ConditionNode;
  /** Filters that belong to the rule, in the order given. */
  readonly filters: readonly CompiledFilter[];
  /**
   * Every field the rule (not its filters) reads, dotted as written, without indexes, in order of first use; keywords
   * read `*`.
   */
  readonly fields: readonly string[];
  /**
   * True if the event matches and every filter agrees; no filter has expired, and filters that are for some tenants
   * only are left out. Reads own properties only, changes nothing, never throws on what JSON can hold.
   */
  match(event: object): boolean;
  /** As `match`, at a time and for a tenant, and names the filters that turned a match into none. */
  judge(event: object, options?: JudgeOptions): Judgement;
}

export interface Judgement {
  readonly matched: boolean;
  /** Keys (`CompiledFilter.key`) of the filters that turned the rule's match into none; empty where there was none. */
  readonly excludedBy: readonly string[];
}

export interface CompileOptions {
  readonly placeholders?: Placeholders;
  /** Filters to apply; which belong to the rule is the caller's to say (`linkRules` does). */
  readonly filters?: readonly CompiledFilter[];
}

/**
 * Compiles a rule to closures. Throws SigmaError if it has no detection (a check looks at state, not at events) or
 * names a placeholder without values.
 */
export function compileRule(rule: SigmaRule, options: CompileOptions = {}): CompiledRule {
  if (rule.detection === null) {
    const message = `compile '${rule.title}': it has no detection`;
    throw new SigmaError([{ file: rule.file, ...rule.position([]), message, severity: 'error' }]);
  }
  const detection = resolveDocument(rule, rule.detection, 'detection', options.placeholders);
  const condition = compileDetection(detection);
  const filters = options.filters ?? [];
  const judge = (event: object, judged: JudgeOptions = {}): Judgement => {
    if (!condition.test(event)) return { matched: false, excludedBy: [] };
    const against = filters.filter((filter) => isInForce(filter.filter, judged) && !filter.test(event));
    return { matched: against.length === 0, excludedBy: against.map((filter) => filter.key) };
  };
  return {
    rule,
    detection,
    condition,
    filters,
    fields: fieldsOf(detection),
    match: filters.length === 0 ? condition.test : (event) => judge(event).matched,
    judge,
  };
}

/** Names of the placeholders that a rule or filter needs values for, each once, in order of first use. */
export function placeholdersOf(document: { readonly detection: Detection | null }): string[] {
  return document.detection === null ? [] : placeholdersIn(document.detection);
}
