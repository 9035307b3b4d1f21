import { expect } from 'vitest';
import type { LargeRun } from './run.ts';

/** The watermark may be this far behind: settling takes 1 h, and what has settled is read again once an hour (settings.ts). */
const MOST_BEHIND_MS = 2 * 3_600_000;

/** By what the simulator calls a log: the feed under which the product stores it. */
const FEEDS: Readonly<Record<string, string>> = {
  interactiveUser: 'sign-ins',
  nonInteractiveUser: 'non-interactive-sign-ins',
  servicePrincipal: 'service-principal-sign-ins',
  managedIdentity: 'managed-identity-sign-ins',
  directoryAudits: 'directory-audits',
};

/** Every record that Microsoft had is stored, once; the ledger says so; nobody was ever told to wait. */
export function expectNothingMissed(run: LargeRun): void {
  const { logs, objects } = run.counts;
  const stored = Object.keys(logs).map((log) => [log, run.stored[FEEDS[log] ?? log]]);
  expect(Object.fromEntries(stored)).toEqual(logs);
  expect({
    users: run.stored['user'],
    groups: run.stored['group'],
    devices: run.stored['device'],
    rules: run.stored['inbox_rule'],
  }).toEqual(objects);
  expect(run.sources.filter(({ outcome }) => outcome.status === 'failed')).toEqual([]);
  expect(Object.keys(run.holes)).toEqual(expect.arrayContaining(Object.values(FEEDS)));
  expect(Object.entries(run.holes).filter(([, count]) => count > 0)).toEqual([]);
  // What the tenant has no licence for stands still.
  const read = new Set(
    run.sources.filter(({ outcome }) => outcome.status === 'ok').map(({ source }) => source),
  );
  expect([...read]).toEqual(expect.arrayContaining(Object.values(FEEDS)));
  const late = Object.entries(run.behind).filter(([source, ms]) => read.has(source) && ms > MOST_BEHIND_MS);
  expect(late).toEqual([]);
  expect({ throttled: run.report.throttled, early: run.report.early_returns }).toEqual({
    throttled: 0,
    early: [],
  });
}

/** The Management API delivers what happened since its subscription: all of its content is stored. */
export function expectContent(run: LargeRun): void {
  const content = Object.values(run.counts.content).reduce((sum, count) => sum + count, 0);
  const stored = (run.stored['unified-audit'] ?? 0) + (run.stored['audit-sign-ins'] ?? 0);
  expect(content).toBeGreaterThan(0);
  expect(stored).toBe(content);
}
