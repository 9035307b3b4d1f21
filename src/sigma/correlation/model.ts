import type { Condition } from '../language/ast.ts';
import type { DocumentHead } from '../language/head.ts';

/** Sigma 2.1, `value_median` of pySigma, and two of our own at the end. */
export const CORRELATION_TYPES = [
  'event_count',
  'value_count',
  'temporal',
  'temporal_ordered',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
  'new_terms',
  'impossible_travel',
] as const;

export type CorrelationType = (typeof CORRELATION_TYPES)[number];

export const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;

export type Operator = (typeof OPERATORS)[number];

export interface Bound {
  readonly operator: Operator;
  readonly value: number;
}

/** Counts, sums, … against every bound. `fields`: what is counted or summed; several = tuples. */
export interface ThresholdCondition {
  readonly kind: 'threshold';
  /** One, or two for a range; all must hold. */
  readonly bounds: readonly Bound[];
  readonly fields: readonly string[];
  /** 0 to 100, for `value_percentile`. */
  readonly percentile: number | null;
}

/** A boolean expression over the referenced rules (SEP #198); names are references as written in `rules`. */
export interface ExpressionCondition {
  readonly kind: 'expression';
  readonly expression: Condition;
}

/** A combination of fields not seen for the group within the timespan before. */
export interface NewTermsCondition {
  readonly kind: 'new_terms';
  readonly fields: readonly string[];
  /** ms that the group must have been known before anything counts as new. */
  readonly minimumBaselineMs: number;
}

/** Two places of one group too far apart for the time between. */
export interface TravelCondition {
  readonly kind: 'travel';
  /** Fields that hold degrees, as numbers or their texts. */
  readonly latitude: string;
  readonly longitude: string;
  readonly minimumKm: number;
  readonly minimumKmPerHour: number;
  /** `bounding` = any two places of a timespan; `path` = the first and the last place of a timespan. */
  readonly measure: 'bounding' | 'path';
  /** Fields of which any one, equal at both ends, says that nobody travelled (one network, one VPN). */
  readonly same: readonly string[];
}

/** What must hold within a timespan. */
export type CorrelationCondition =
  ThresholdCondition | ExpressionCondition | NewTermsCondition | TravelCondition;

/** A correlation document, checked by itself; references are resolved when documents are linked. */
export interface SigmaCorrelation extends DocumentHead {
  readonly kind: 'correlation';
  readonly type: CorrelationType;
  /** Ids or names of the referenced documents, as written. For `temporal_ordered`: in the order demanded. */
  readonly rules: readonly string[];
  readonly groupBy: readonly string[];
  readonly timespanMs: number;
  /** Alias to the field of each rule (by reference as written). */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly condition: CorrelationCondition;
  /** True: the referenced rules still give alerts of their own. */
  readonly generate: boolean;
}
