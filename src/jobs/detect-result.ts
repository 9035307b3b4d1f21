import type { Assessment } from '../store/assessments.ts';

/** What one run did for one tenant. `busy` = another run holds the lease and does the work. */
export interface DetectResult {
  readonly tenantId: string;
  readonly status: 'ok' | 'busy';
  readonly events: number;
  readonly hits: number;
  readonly withdrawn: number;
  readonly opened: number;
  readonly changed: number;
  readonly closed: number;
  readonly assessments: readonly Assessment[];
  /** By detection id: fields for want of which a rule was not evaluated on some record of this run. */
  readonly notCarried: ReadonlyMap<string, ReadonlySet<string>>;
  /** Ids of detections of which a rule was evaluated on some record, or a check ran, in this run. */
  readonly evaluated: ReadonlySet<string>;
  /** Checks that did not run to their end, in sentences. */
  readonly failures: readonly string[];
}

/** Another run is at it: nothing was done. */
export function busy(tenantId: string): DetectResult {
  const counts = { events: 0, hits: 0, withdrawn: 0, opened: 0, changed: 0, closed: 0 };
  const nothing = { assessments: [], notCarried: new Map(), evaluated: new Set<string>(), failures: [] };
  return { tenantId, status: 'busy', ...counts, ...nothing };
}
