import type { Level } from '../model/alert.ts';
import type { Recipient } from '../model/tenant.ts';
import type { AlertRow } from '../store/alerts.ts';
import type { Db } from '../store/database.ts';
import { alertsDetectedIn, countHistorical, openAlertsBefore, programDetections } from '../store/reports.ts';
import { tenantTitle } from '../store/tenants.ts';
import { cleanWord } from '../text/hostile.ts';
import { decisionsOf } from './decisions.ts';
import type { Period } from './due.ts';
import type { DigestFacts, Group, Item, Numbers } from './facts.ts';
import { byLevel, isSerious } from './level.ts';
import { hoursOf, leaversOf, peopleOf, seriousOf } from './numbers.ts';
import { gatherUnseen } from './unseen.ts';
import { openWriter, type Writer } from './writer.ts';

/** Stored with the report beyond this many: only their number. A tenant in trouble must not make a mail of megabytes. */
const MOST_GROUPS = 200;
const MOST_OLDER = 50;

/** Closed so, an alert was nothing that happened. */
const SETTLED = new Set(['expected', 'false_positive', 'duplicate']);

export interface DigestInput {
  readonly tenant: { readonly id: string; readonly name: string };
  readonly recipient: Recipient;
  readonly number: number;
  readonly period: Period;
  readonly writtenAt: number;
  readonly nextAt: number;
  readonly before: Numbers | null;
  /** End of the reader's first look, which told every state found until then; null when there was none. */
  readonly toldAt: number | null;
  /** Whom the configuration names for decisions; null = IT. */
  readonly owner: string | null;
}

/** Reads everything that a weekly report says, as it is now. */
export async function gatherDigest(db: Db, input: DigestInput): Promise<DigestFacts> {
  const { tenant, recipient, period } = input;
  const own = await programDetections(db);
  const { detected, older } = await alertsFor(db, input, own);
  const news = detected.filter((alert) => !SETTLED.has(alert.close_reason ?? ''));
  const writer = await openWriter(db, tenant.id, recipient, [...news, ...older]);
  const left = await leaversOf(db, tenant.id, period, input.writtenAt);
  return {
    schema: 2,
    tenant: { id: tenant.id, name: cleanWord(await tenantTitle(db, tenant)) },
    reader: { kind: recipient.kind, language: recipient.language, timezone: recipient.timezone },
    number: input.number,
    period,
    writtenAt: input.writtenAt,
    nextAt: input.nextAt,
    numbers: {
      serious: seriousOf(news),
      leavers: { closed: left.filter((person) => person.open === 0).length, of: left.length },
      hours: await hoursOf(db, tenant.id, period),
    },
    before: input.before,
    happened: groupBySubject(news, writer, period).slice(0, MOST_GROUPS),
    settled: detected.length - news.length,
    older: {
      items: older.slice(0, MOST_OLDER).map((alert) => writer.item(alert, period)),
      total: older.length,
    },
    historical: await gatherHistorical(db, tenant.id, period.to),
    decisions: decisionsOf({ ...input, alerts: [...news, ...older], writer, timezone: recipient.timezone }),
    people: await peopleOf(db, tenant.id, period, left),
    unseen: {
      ...(await gatherUnseen(db, tenant.id, period, input.writtenAt, recipient.language)),
      own: await ownTroubles(db, input, own),
    },
  };
}

/** What was first detected in the period, and what is open from before; a state of the first look is from before. */
async function alertsFor(
  db: Db,
  { tenant, period, toldAt }: DigestInput,
  own: ReadonlySet<string>,
): Promise<{ detected: AlertRow[]; older: AlertRow[] }> {
  // What is wrong with ourselves did not happen in the tenant: it is told under what was not seen.
  const ofTenant = (alert: AlertRow): boolean => !own.has(alert.detection_id);
  const found = (await alertsDetectedIn(db, tenant.id, period.from, period.to)).filter(ofTenant);
  const told = (alert: AlertRow): boolean =>
    toldAt !== null && alert.life === 'state' && alert.created_at < toldAt;
  const stillOpen = found.filter(
    (alert) => told(alert) && alert.state === 'open' && alert.expected_by === null,
  );
  const before = (await openAlertsBefore(db, tenant.id, period.from)).filter(ofTenant);
  return {
    detected: found.filter((alert) => !told(alert)),
    older: [...before, ...stillOpen].sort(byLevel),
  };
}

/** Titles of open alerts about the program itself, the worst first. */
async function ownTroubles(
  db: Db,
  { tenant, recipient, period, writtenAt }: DigestInput,
  own: ReadonlySet<string>,
): Promise<string[]> {
  const open = await openAlertsBefore(db, tenant.id, writtenAt + 1);
  const troubles = open.filter((alert) => own.has(alert.detection_id)).sort(byLevel);
  const writer = await openWriter(db, tenant.id, recipient, troubles);
  return [...new Set(troubles.map((alert) => writer.item(alert, period).title))];
}

async function gatherHistorical(
  db: Db,
  tenantId: string,
  before: number,
): Promise<DigestFacts['historical']> {
  const counts = await countHistorical(db, tenantId, before);
  const sum = (rows: typeof counts): number => rows.reduce((total, row) => total + row.count, 0);
  const open = counts.filter((row) => row.state === 'open');
  return {
    total: sum(counts),
    open: sum(open),
    seriousOpen: sum(open.filter((row) => isSerious(row.level as Level))),
  };
}

function groupBySubject(alerts: readonly AlertRow[], writer: Writer, period: Period): Group[] {
  const groups = new Map<string, AlertRow[]>();
  for (const alert of alerts) groups.set(alert.subject, [...(groups.get(alert.subject) ?? []), alert]);
  return [...groups.values()]
    .map((members): Group => {
      // The worst first: what a reader skips must be what matters least. Within a level, as it happened.
      const sorted = [...members].sort((a, b) => byLevel(a, b) || a.first_event_at - b.first_event_at);
      const items = foldRepeats(sorted.map((alert) => writer.item(alert, period)));
      const first = sorted[0] as AlertRow;
      return { name: writer.subjectName(first), level: first.level as Level, items };
    })
    .sort((a, b) => byLevel(a, b) || (a.items[0]?.at ?? 0) - (b.items[0]?.at ?? 0));
}

/** Alerts that read the same and stand the same become one item with a count; folding is the mail's, alerts stay. */
function foldRepeats(items: readonly Item[]): Item[] {
  const folded = new Map<string, Item>();
  for (const item of items) {
    const { title, what, level, late, open, closeReason, expected, withdrawn } = item;
    const key = JSON.stringify([title, what, level, late, open, closeReason, expected, withdrawn]);
    const first = folded.get(key);
    if (first === undefined) folded.set(key, item);
    else
      folded.set(key, { ...first, times: first.times + 1, alertIds: [...first.alertIds, ...item.alertIds] });
  }
  return [...folded.values()];
}
