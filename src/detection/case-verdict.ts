import type { Alert } from '../model/alert.ts';
import type { ExpectedAlert } from './case-file.ts';

/** The alerts of a tenant after one read. */
export type Snapshot = readonly Alert[];

/** Compares the exact set of alerts with what a case expects. Sentences; empty = equal. */
export function compareAlerts(
  expected: readonly ExpectedAlert[],
  found: readonly Alert[],
  snapshots: readonly Snapshot[],
): string[] {
  const problems: string[] = [];
  const left = [...found];
  for (const want of expected) {
    const index = left.findIndex((alert) => isSame(want, alert));
    const alert = left[index];
    if (alert === undefined) {
      problems.push(`it did not fire for ${want.subject}, ${want.cause}`);
      continue;
    }
    left.splice(index, 1);
    problems.push(
      ...compareOne(want, alert, snapshots).map((text) => `${want.subject}, ${want.cause}: ${text}`),
    );
  }
  problems.push(...left.map((alert) => `it also fired for ${alert.subject}, ${alert.cause}`));
  return problems;
}

/** Two occurrences of one thing are told apart by their start, where the case names it. */
function isSame(want: ExpectedAlert, alert: Alert): boolean {
  if (want.subject !== alert.subject || want.cause !== alert.cause) return false;
  return want.start === undefined || want.start === alert.occurrenceStart;
}

function compareOne(want: ExpectedAlert, alert: Alert, snapshots: readonly Snapshot[]): string[] {
  const problems: string[] = [];
  if (want.level !== undefined && want.level !== alert.level)
    problems.push(`level is ${alert.level}, not ${want.level}`);
  if (want.historical !== undefined && want.historical !== alert.historical) {
    problems.push(`historical is ${alert.historical}, not ${want.historical}`);
  }
  for (const [name, value] of Object.entries(want.words ?? {})) {
    const real = alert.words[name];
    if (real !== value) problems.push(`word ${name} is '${real ?? ''}', not '${value}'`);
  }
  return [...problems, ...compareLife(want, alert, snapshots)];
}

function compareLife(want: ExpectedAlert, alert: Alert, snapshots: readonly Snapshot[]): string[] {
  const problems: string[] = [];
  const states = snapshots.map((alerts) => alerts.find((one) => one.id === alert.id)?.state ?? null);
  const first = states.findIndex((state) => state !== null) + 1;
  if (want.after_read !== undefined && want.after_read !== first) {
    problems.push(`it exists after read ${first || 'none'}, not ${want.after_read}`);
  }
  const open = states.flatMap((state, index) => (state === 'open' ? [index + 1] : []));
  if (want.open_after !== undefined && want.open_after.join() !== open.join()) {
    problems.push(`it is open after reads [${open.join()}], not [${want.open_after.join()}]`);
  }
  return [...problems, ...compareClosing(want, alert, states)];
}

function compareClosing(want: ExpectedAlert, alert: Alert, states: readonly (string | null)[]): string[] {
  if (want.closed === undefined)
    return alert.state === 'open' ? [] : [`it is closed (${alert.closeReason ?? ''})`];
  const { after_read, reason } = want.closed;
  const problems: string[] = [];
  const closed = states.indexOf('closed') + 1;
  if (closed !== after_read) problems.push(`it closed after read ${closed || 'none'}, not ${after_read}`);
  if (alert.closeReason !== reason)
    problems.push(`it closed as ${alert.closeReason ?? 'nothing'}, not ${reason}`);
  return problems;
}
