import { GraphError } from '../../../src/errors.ts';
import type { Feed } from './feed.ts';
import { MINUTE, START, type Trace } from './trace.ts';

/** What a rule brought: when each record was stored, and what it cost. */
export interface Outcome {
  readonly rule: string;
  /** Record id → UTC epoch ms at which it was stored first. */
  readonly stored: ReadonlyMap<string, number>;
  readonly requests: number;
}

/** Where a cursor rule asks from, given its last query that was answered and the newest record it has. */
interface CursorRule {
  readonly rule: string;
  from(now: number, lastQuery: number, newest: number, intervalMs: number): number;
}

/**
 * Small models of what comparable collectors do (field notes 1.3): the rule alone, on our interval, with every record
 * kept once by its id. A query that fails leaves the cursor where it was, which is kinder than some of them are.
 */
export const CURSOR_RULES: readonly CursorRule[] = [
  // Wazuh's ms-graph and office365 modules: since the time of the last query (wazuh#24323).
  { rule: 'Wazuh: since the last query', from: (_now, lastQuery) => lastQuery },
  // vigil365: from the time of the newest record minus ten minutes.
  { rule: 'vigil365: newest record minus 10 min', from: (_now, _last, newest) => newest - 10 * MINUTE },
  // CIPP: looks back exactly one interval, whatever happened to the last one.
  { rule: 'CIPP: exactly one interval', from: (now, _last, _newest, interval) => now - interval },
];

/** Replays a trace against a cursor rule. */
export function runCursor(rule: CursorRule, feed: Feed): Outcome {
  const stored = new Map<string, number>();
  let lastQuery = START;
  let newest = START;
  for (const now of instants(feed.trace)) {
    try {
      const from = rule.from(now, lastQuery, newest, feed.trace.source.intervalMs);
      for (const page of feed.pages(from, now, now)) {
        for (const record of page.records) {
          if (!stored.has(record.id)) stored.set(record.id, now);
          newest = Math.max(newest, record.at);
        }
      }
      lastQuery = now;
    } catch (error) {
      if (!(error instanceof GraphError)) throw error;
    }
  }
  return { rule: rule.rule, stored, requests: feed.requests };
}

/** The instants at which a collector runs: every interval but while it is stopped. */
export function* instants(trace: Trace): Generator<number> {
  for (let now = START + 1; now <= trace.end; now += trace.source.intervalMs)
    if (!trace.stops.some((stop) => stop.from <= now && now < stop.to)) yield now;
}
