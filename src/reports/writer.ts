import type { Level } from '../model/alert.ts';
import type { AlertRow } from '../store/alerts.ts';
import type { Db } from '../store/database.ts';
import { detectionTexts } from '../store/reports.ts';
import { inLanguage, textsFor } from '../text/catalogue.ts';
import { cleanWord } from '../text/hostile.ts';
import { fillTemplate } from '../text/template.ts';
import type { Period } from './due.ts';
import type { Item } from './facts.ts';
import { fitTemplate, openNames, readersWords, storedWords, userIdOf, type Names } from './words.ts';

/** Longest filled text, in code points: a paragraph. */
const LONGEST_TEXT = 600;

/** Puts alerts into the reader's words. */
export interface Writer {
  item(alert: AlertRow, period: Period): Item;
  /** Clean, hostile; null when we cannot name it. */
  subjectName(alert: AlertRow): string | null;
  /** Whether the detection is about joiners and leavers. */
  isLifecycle(alert: AlertRow): boolean;
}

export interface Reader {
  readonly kind: 'management' | 'technical';
  readonly language: string;
}

type Versions = Awaited<ReturnType<typeof detectionTexts>>;

/** Reads what the alerts' texts need: the detections' own words and the names of people. */
export async function openWriter(
  db: Db,
  tenantId: string,
  reader: Reader,
  alerts: readonly AlertRow[],
): Promise<Writer> {
  const versions = await detectionTexts(db, [...new Set(alerts.map((alert) => alert.detection_id))]);
  const names = await openNames(db, tenantId, alerts);
  const texts = textsFor(reader.language);
  return {
    subjectName: (alert) => nameOf(alert, names),
    isLifecycle: (alert) => versionOf(versions, alert)?.catalogue?.startsWith('LC-') === true,
    item(alert, period) {
      const version = versionOf(versions, alert);
      const own = version
        ? inLanguage(JSON.parse(version.texts) as Record<string, unknown>, reader.language)
        : null;
      const words = readersWords(wordsOf(alert, nameOf(alert, names)), names, { texts, kind: reader.kind });
      const fill = (name: string): string => {
        const text = textOf(own, name);
        const filled = fillTemplate(fitTemplate(text, words, texts), words, texts.unknownWord);
        return cleanWord(filled, LONGEST_TEXT);
      };
      return {
        ...attributesOf(alert, period),
        title: fill('title') || cleanWord(version?.title ?? '') || texts.unknownDetection,
        what: fill('what'),
        why: fill('why'),
        ask: fill('ask'),
        yes: fill('yes'),
        no: fill('no'),
      };
    },
  };
}

function versionOf(versions: Versions, alert: AlertRow): Versions[number] | undefined {
  const own = versions.find((row) => row.id === alert.detection_id && row.version === alert.version);
  return own ?? versions.find((row) => row.id === alert.detection_id);
}

function textOf(texts: unknown, name: string): string {
  const text =
    typeof texts === 'object' && texts !== null && Object.hasOwn(texts, name)
      ? (texts as Record<string, unknown>)[name]
      : undefined;
  return typeof text === 'string' ? text : '';
}

type Attributes = Omit<Item, 'title' | 'what' | 'why' | 'ask' | 'yes' | 'no'>;

function attributesOf(alert: AlertRow, period: Period): Attributes {
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
  const words = storedWords(alert);
  return Object.hasOwn(words, 'subject') || name === null ? words : { ...words, subject: name };
}

/** The account's name as last read, else the word of the alert, else a sign-in name; never an id. */
function nameOf(alert: AlertRow, names: Names): string | null {
  const account = names.byId.get(userIdOf(alert.subject)[0] ?? '');
  const { subject, upn } = storedWords(alert);
  const ofSubject = alert.subject.startsWith('upn:') ? alert.subject.slice('upn:'.length) : null;
  const address = [subject, upn, ofSubject].find((word) => typeof word === 'string') as string | undefined;
  const name = cleanWord(account ?? names.byUpn.get((address ?? '').toLowerCase()) ?? address ?? '');
  return name === '' ? null : name;
}
