import type { CorrelationCondition, LinkedCorrelation } from '../sigma/index.ts';
import { keysOf, type Detection, type Part } from './catalogue.ts';
import type { SkippedRule } from './plan.ts';
import { placeholdersOf } from './template.ts';

/** A correlation that counts what a rule finds. */
export interface RuleFeed {
  /** The correlation's part. */
  readonly part: Part;
  readonly linked: LinkedCorrelation;
  /** Fields of the rule's records without which nothing can be counted. */
  readonly reads: readonly string[];
  /** Correlations stand on it, and show its records under keys of their own. */
  readonly handsOn: boolean;
  /** What is kept of a record for texts and keys: name and field. */
  readonly shown: readonly (readonly [name: string, field: string])[];
}

/**
 * The correlations of a detection that count what one of its rules finds, and those that cannot on this origin, because
 * it lacks a field that they read: absent is not false, and not zero either.
 */
export function feedsOf(
  detection: Detection,
  rule: Part,
  lacking: (fields: readonly string[]) => SkippedRule['without'],
): { readonly feeds: readonly RuleFeed[]; readonly starved: readonly SkippedRule[] } {
  const feeds: RuleFeed[] = [];
  const starved: SkippedRule[] = [];
  for (const part of detection.parts) {
    const linked = part.correlation;
    const base = linked?.bases.find((one) => one.kind === 'rule' && one.key === rule.id);
    if (linked == null || base === undefined) continue;
    const reads = [...new Set([...base.groupFields, ...countedFields(linked)])];
    const without = lacking(reads);
    if (without.length > 0) starved.push({ detection, part, without });
    else {
      const shown = shownFields(detection, part, linked, base.groupFields);
      const handsOn = detection.parts.some((one) =>
        one.correlation?.bases.some(({ key }) => key === part.id),
      );
      feeds.push({ part, linked, reads, shown, handsOn });
    }
  }
  return { feeds, starved };
}

/** The fields whose values a condition counts, sums or measures. */
export function countedFields({ correlation }: LinkedCorrelation): readonly string[] {
  return fieldsOfCondition(correlation.condition);
}

function fieldsOfCondition(condition: CorrelationCondition): readonly string[] {
  if (condition.kind === 'travel') return [condition.latitude, condition.longitude, ...condition.same];
  return condition.kind === 'expression' ? [] : condition.fields;
}

/** Group fields by the correlation's name for them, a new term's fields, and what the detection's keys name. */
function shownFields(
  detection: Detection,
  part: Part,
  linked: LinkedCorrelation,
  groupFields: readonly string[],
): (readonly [string, string])[] {
  const { groupBy, condition } = linked.correlation;
  const terms = condition.kind === 'new_terms' ? condition.fields : [];
  const named = namedIn(detection, part).filter((name) => !groupBy.includes(name));
  const others = [...new Set([...terms, ...named])].map((field) => [field, field] as const);
  return [...groupBy.map((name, index) => [name, groupFields[index] ?? name] as const), ...others];
}

/** Every name in the keys of the correlation and of those above it, which show what it hands on. */
function namedIn(detection: Detection, part: Part): string[] {
  const own = Object.values(templatesOf(detection, part)).flatMap((one) => (one ? placeholdersOf(one) : []));
  const above = detection.parts.filter((one) => one.correlation?.bases.some((base) => base.key === part.id));
  return [...own, ...above.flatMap((one) => namedIn(detection, one))];
}

function templatesOf(detection: Detection, part: Part): Pick<Part, 'subject' | 'cause'> {
  const { subject, cause } = keysOf(detection, part);
  return { subject, cause };
}
