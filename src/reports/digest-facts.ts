import type { Level } from '../model/alert.ts';
import type { Recipient } from '../model/tenant.ts';
import type { AlertRow } from '../store/alerts.ts';
import type { Db } from '../store/database.ts';
import {
  accountNames,
  alertsDetectedIn,
  countHistorical,
  detectionTexts,
  leavers,
  openAlertsBefore,
} from '../store/reports.ts';
import { coveredSpans } from '../store/windows.ts';
import { inLanguage, textsFor } from '../text/catalogue.ts';
import { cleanWord } from '../text/hostile.ts';
import { fillTemplate } from '../text/template.ts';
import type { Period } from './due.ts';
import type { DigestFacts, Group, Item, Numbers } from './facts.ts';
import { coveredHours, intersect } from './spans.ts';
import { gatherUnseen } from './unseen.ts';

/** Stored with the report beyond this many: only their number. A tenant in trouble must not make a mail of megabytes. */
const MOST_GROUPS = 200;
const MOST_OLDER = 50;
/** Longest filled text, in code points: a paragraph. */
const LONGEST_TEXT = 600;

const RANK: Readonly<Record<Level, number>> = { critical: 4, high: 3, medium: 2, low: 1, informational: 0 };
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
}

/** Reads everything that a weekly report says, as it is now. */
export async function gatherDigest(db: Db, input: DigestInput): Promise<DigestFacts> {
  const { tenant, recipient, period } = input;
  const detected = await alertsDetectedIn(db, tenant.id, period.from, period.to);
  const news = detected.filter((alert) => !SETTLED.has(alert.close_reason ?? ''));
  const older = await openAlertsBefore(db, tenant.id, period.from);
  const writer = await openWriter(db, tenant.id, recipient.language, [...news, ...older]);
  const olderSorted = [...older].sort(byLevel);
  return {
    schema: 1,
    tenant: { id: tenant.id, name: cleanWord(tenant.name) },
    reader: { kind: recipient.kind, language: recipient.language, timezone: recipient.timezone },
    number: input.number,
    period,
    writtenAt: input.writtenAt,
    nextAt: input.nextAt,
    numbers: await gatherNumbers(db, tenant.id, period, news, input.writtenAt),
    before: input.before,
    happened: groupBySubject(news, writer, period).slice(0, MOST_GROUPS),
    settled: detected.length - news.length,
    older: {
      items: olderSorted.slice(0, MOST_OLDER).map((alert) => writer.item(alert, period)),
      total: older.length,
    },
    historical: await gatherHistorical(db, tenant.id, period.to),
    unseen: await gatherUnseen(db, tenant.id, period, input.writtenAt, recipient.language),
  };
}

async function gatherNumbers(
  db: Db,
  tenantId: string,
  period: Period,
  news: readonly AlertRow[],
  at: number,
): Promise<Numbers> {
  const serious = news.filter((alert) => isSerious(alert.level as Level) && alert.expected_by === null);
  const left = (await leavers(db, tenantId, at)).filter(
    (person) => person.open > 0 || within(period, person.since),
  );
  return {
    serious: {
      count: new Set(serious.map((alert) => alert.subject)).size,
      open: new Set(serious.filter((alert) => alert.state === 'open').map((alert) => alert.subject)).size,
    },
    leavers: { closed: left.filter((person) => person.open === 0).length, of: left.length },
    hours: await gatherHours(db, tenantId, period),
  };
}

/** High and critical: what the mail calls serious. */
export function isSerious(level: Level): boolean {
  return RANK[level] >= RANK.high;
}

function within(period: Period, at: number | null): boolean {
  return at !== null && at >= period.from && at < period.to;
}

async function gatherHours(db: Db, tenantId: string, period: Period): Promise<Numbers['hours']> {
  const signIns = await coveredSpans(db, tenantId, 'sign-ins', period.from, period.to);
  const audits = await coveredSpans(db, tenantId, 'directory-audits', period.from, period.to);
  const both = coveredHours(period, intersect(signIns, audits));
  return {
    watched: both.covered,
    signIns: coveredHours(period, signIns).covered,
    audits: coveredHours(period, audits).covered,
    of: both.of,
  };
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

/** Puts alerts into the reader's words. */
interface Writer {
  item(alert: AlertRow, period: Period): Item;
  subjectName(alert: AlertRow): string | null;
}

async function openWriter(
  db: Db,
  tenantId: string,
  language: string,
  alerts: readonly AlertRow[],
): Promise<Writer> {
  const versions = await detectionTexts(db, [...new Set(alerts.map((alert) => alert.detection_id))]);
  const names = await accountNames(db, tenantId, [
    ...new Set(alerts.flatMap((alert) => userIdOf(alert.subject))),
  ]);
  const catalogue = textsFor(language);
  return {
    subjectName: (alert) => nameOf(alert, names),
    item(alert, period) {
      const own = versions.find((row) => row.id === alert.detection_id && row.version === alert.version);
      const version = own ?? versions.find((row) => row.id === alert.detection_id);
      const texts = version
        ? inLanguage(JSON.parse(version.texts) as Record<string, unknown>, language)
        : null;
      const words = wordsOf(alert, nameOf(alert, names));
      const fill = (name: string): string => fillText(texts, name, words, catalogue.unknownWord);
      return {
        ...attributesOf(alert, period),
        title: fill('title') || cleanWord(version?.title ?? '') || catalogue.unknownDetection,
        what: fill('what'),
        why: fill('why'),
        ask: fill('ask'),
      };
    },
  };
}

function fillText(texts: unknown, name: string, words: Record<string, unknown>, unknown: string): string {
  const text =
    typeof texts === 'object' && texts !== null ? (texts as Record<string, unknown>)[name] : undefined;
  return typeof text === 'string' ? cleanWord(fillTemplate(text, words, unknown), LONGEST_TEXT) : '';
}

function attributesOf(alert: AlertRow, period: Period): Omit<Item, 'title' | 'what' | 'why' | 'ask'> {
  return {
    alertIds: [alert.id],
    detectionId: alert.detection_id,
    level: alert.level as Level,
    life: alert.life as Item['life'],
    at: alert.first_event_at,
    times: 1,
    seenAt: alert.created_at,
    late: alert.life === 'event' && alert.first_event_at < period.from && alert.created_at >= period.from,
    open: alert.state === 'open',
    expected: alert.expected_by !== null,
    withdrawn: alert.withdrawn === 1,
    closedAt: alert.closed_at,
    closeReason: alert.close_reason,
  };
}

function wordsOf(alert: AlertRow, name: string | null): Record<string, unknown> {
  const words = JSON.parse(alert.words) as Record<string, unknown>;
  return Object.hasOwn(words, 'subject') || name === null ? words : { ...words, subject: name };
}

function userIdOf(subject: string): string[] {
  return subject.startsWith('user:') ? [subject.slice('user:'.length)] : [];
}

/** The account's name as last read, else the word of the alert, else a sign-in name; never an id. */
function nameOf(alert: AlertRow, names: ReadonlyMap<string, string>): string | null {
  const account = names.get(userIdOf(alert.subject)[0] ?? '');
  const word = (JSON.parse(alert.words) as Record<string, unknown>)['subject'];
  const upn = alert.subject.startsWith('upn:') ? alert.subject.slice('upn:'.length) : null;
  const name = cleanWord(account ?? (typeof word === 'string' ? word : (upn ?? '')));
  return name === '' ? null : name;
}

function byLevel(a: { level: string }, b: { level: string }): number {
  return RANK[b.level as Level] - RANK[a.level as Level];
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
