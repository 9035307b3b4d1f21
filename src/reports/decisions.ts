import type { AlertRow } from '../store/alerts.ts';
import { workingDay, type Period } from './due.ts';
import type { Decisions, Item } from './facts.ts';
import { byLevel, isSerious } from './level.ts';
import type { Writer } from './writer.ts';

/** Asked at most in one mail; the others wait with IT (docs/digest.md, rule 6). */
const MOST = 3;
/** Working days to answer in: what is serious on the next one. */
const DAYS = { serious: 1, smaller: 3 };

export interface DecisionInput {
  readonly alerts: readonly AlertRow[];
  readonly writer: Writer;
  readonly period: Period;
  readonly writtenAt: number;
  readonly timezone: string;
  /** Default owner of the configuration; null = IT. */
  readonly owner: string | null;
}

/** Open alerts whose text asks something, the worst first, one per person or thing: the rest follows from it. */
export function decisionsOf(input: DecisionInput): Decisions {
  const { writer, period } = input;
  const open = input.alerts
    .filter((alert) => alert.state === 'open' && alert.expected_by === null)
    .map((alert) => ({ subject: alert.subject, item: writer.item(alert, period) }))
    .filter(({ item }) => item.ask !== '')
    .sort((a, b) => byLevel(a.item, b.item) || a.item.at - b.item.at);
  const bySubject = new Map<string, Item>();
  for (const { subject, item } of open) if (!bySubject.has(subject)) bySubject.set(subject, item);
  return {
    total: bySubject.size,
    items: [...bySubject.values()].slice(0, MOST).map((item) => ({
      alertId: item.alertIds[0] ?? '',
      about: item.title,
      question: item.ask,
      yes: item.yes,
      no: item.no,
      owner: input.owner,
      dueAt: workingDay(input.timezone, input.writtenAt, isSerious(item.level) ? DAYS.serious : DAYS.smaller),
    })),
  };
}
