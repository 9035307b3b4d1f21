import type { ConditionNode } from './compiled-detection.ts';
import { compileDetection, fieldsOf } from './compiled-detection.ts';
import type { SigmaFilter } from '../language/filter.ts';
import type { EventTest } from './match.ts';
import type { Placeholders } from '../language/placeholders.ts';
import { resolveDocument } from '../language/resolve.ts';
import type { SigmaRule } from '../language/rule.ts';

/** A filter ready to look at events. */
export interface CompiledFilter {
  readonly filter: SigmaFilter;
  /** Id in lower case, else name, else title. */
  readonly key: string;
  readonly condition: ConditionNode;
  readonly fields: readonly string[];
  /** True if the filter lets the event pass. */
  readonly test: EventTest;
}

/** When and where an event is judged. */
export interface JudgeOptions {
  /** The event's own time, UTC epoch in ms; absent: no filter has expired. */
  readonly at?: number;
  /** The tenant, by each id or name that it has; absent: filters for some tenants only are not applied. */
  readonly tenant?: string | readonly string[];
}

/** Compiles a filter. Throws SigmaError if it names a placeholder without values. */
export function compileFilter(
  filter: SigmaFilter,
  options: { readonly placeholders?: Placeholders } = {},
): CompiledFilter {
  const detection = resolveDocument(filter, filter.detection, 'filter', options.placeholders);
  const condition = compileDetection(detection);
  const key = filter.id?.toLowerCase() ?? filter.name ?? filter.title;
  return { filter, key, condition, fields: fieldsOf(detection), test: condition.test };
}

/** Why a filter is not applied to an event, or null where it is. */
export function outOfForce(filter: SigmaFilter, options: JudgeOptions): 'expired' | 'other tenant' | null {
  const { expiresMs, tenants } = filter.scope;
  if (expiresMs !== null && options.at !== undefined && options.at >= expiresMs) return 'expired';
  if (tenants === null) return null;
  const { tenant = [] } = options;
  const known = (typeof tenant === 'string' ? [tenant] : tenant).map((name) => name.toLowerCase());
  return tenants.some((name) => known.includes(name.toLowerCase())) ? null : 'other tenant';
}

export function isInForce(filter: SigmaFilter, options: JudgeOptions): boolean {
  return outOfForce(filter, options) === null;
}

/** True if every part of a log source that the filter names is the rule's, case aside. */
export function sharesLogSource(filter: SigmaFilter, rule: SigmaRule): boolean {
  const { logsource } = filter;
  if (logsource === null) return rule.logsource !== null;
  return (['product', 'category', 'service'] as const).every((part) => {
    const wanted = logsource[part];
    return wanted === null || wanted.toLowerCase() === rule.logsource?.[part]?.toLowerCase();
  });
}
