import type { CompiledRule } from './compile.ts';

/** The log source of an event, as its origin declares it. */
export interface EventLogSource {
  readonly product?: string | null;
  readonly category?: string | null;
  readonly service?: string | null;
}

/** More different log sources than any caller has; beyond it answers are computed anew. */
const MAX_REMEMBERED = 1000;

/**
 * Rules by log source. A rule is a candidate for an event if every part that its own log source names is the same
 * for the event, case aside: a rule made of `not` alone would otherwise fire on every event of every source.
 */
export class RuleSet {
  readonly #rules: readonly CompiledRule[];
  readonly #known = new Map<string, CompiledRule[]>();

  constructor(rules: readonly CompiledRule[]) {
    this.#rules = rules;
  }

  /** The rules to try on an event, in the order given. The list is shared: do not change it. */
  candidates(logsource: EventLogSource): CompiledRule[] {
    const key = JSON.stringify([
      logsource.product ?? null,
      logsource.category ?? null,
      logsource.service ?? null,
    ]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const found = this.#rules.filter((rule) => applies(rule, logsource));
    if (this.#known.size < MAX_REMEMBERED) this.#known.set(key, found);
    return found;
  }
}

function applies(compiled: CompiledRule, logsource: EventLogSource): boolean {
  const wanted = compiled.rule.logsource;
  if (wanted === null) return false;
  return (['product', 'category', 'service'] as const).every((part) => {
    const value = wanted[part];
    return value === null || value.toLowerCase() === logsource[part]?.toLowerCase();
  });
}
