import type { Condition } from '../ast.ts';
import type { DocumentHead } from '../head.ts';

export type CorrelationType =
  | 'event_count'
  | 'value_count'
  | 'temporal'
  | 'temporal_ordered'
  | 'value_sum'
  | 'value_avg'
  | 'value_percentile'
  | 'value_median'
  | 'new_terms'
  | 'impossible_travel';

export type Operator = 'gt' | 'gte' | 'lt' | 'lte' | 'eq' | 'neq';

export interface Bound {
  readonly operator: Operator;
  readonly value: number;
}

/** What must hold within a timespan. */
export type CorrelationCondition =
  /** Counts, sums, … against every bound. `fields`: what is counted or summed; several = tuples. */
  | {
      readonly kind: 'threshold';
      readonly bounds: readonly Bound[];
      readonly fields: readonly string[];
      /** 0 to 100, for `value_percentile`. */
      readonly percentile: number | null;
    }
  /** A boolean expression over the referenced rules (SEP #198); names are references as written in `rules`. */
  | { readonly kind: 'expression'; readonly expression: Condition }
  /** A combination of fields not seen for the group within the timespan before. */
  | {
      readonly kind: 'new_terms';
      readonly fields: readonly string[];
      /** ms that the group must have been known before anything counts as new. */
      readonly minimumBaselineMs: number;
    }
  /** Two places of one group too far apart for the time between. */
  | {
      readonly kind: 'travel';
      readonly latitude: string;
      readonly longitude: string;
      readonly minimumKm: number;
      readonly minimumKmPerHour: number;
      /** `bounding` = any two places of a timespan; `path` = the first and the last place of a timespan. */
      readonly measure: 'bounding' | 'path';
      /** Fields that, equal at both ends, say that nobody travelled (one network, one VPN). */
      readonly same: readonly string[];
    };

/** A correlation document, checked by itself; references are resolved when documents are linked. */
export interface SigmaCorrelation extends DocumentHead {
  readonly kind: 'correlation';
  readonly type: CorrelationType;
  /** Ids or names of the referenced documents, as written, in order. */
  readonly rules: readonly string[];
  readonly groupBy: readonly string[];
  readonly timespanMs: number;
  /** Alias to the field of each rule (by reference as written). */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly condition: CorrelationCondition;
  /** True: the referenced rules still give alerts of their own. */
  readonly generate: boolean;
}
