import {
  renderMail,
  type MailDocument,
  type MailEntry,
  type MailSection,
  type RenderedMail,
} from '../render/mail.ts';
import { textsFor, type Texts } from '../text/catalogue.ts';
import { clockTime, dayKey, dayMonth, fullDate, weekday, type Locale } from '../text/intl.ts';
import { weekOf } from './due.ts';
import type { DigestFacts, Group, Item, Numbers } from './facts.ts';
import { isSerious } from './digest-facts.ts';
import { unseenLines } from './digest-unseen.ts';

export type { RenderedMail } from '../render/mail.ts';

/** Printed at most; the facts hold more, and the mail says how many. 90 seconds are about 330 words. */
const MOST_GROUPS = 8;
const MOST_ITEMS = 4;
const MOST_OLDER = 5;

/** A reader's words and zone. */
export interface Voice {
  readonly texts: Texts;
  readonly locale: Locale;
}

export function voiceOf(facts: DigestFacts): Voice {
  const texts = textsFor(facts.reader.language);
  return { texts, locale: { language: texts.tag, timezone: facts.reader.timezone } };
}

/** Subject, text and HTML of a weekly report. Pure: the same facts give the same mail. */
export function renderDigest(facts: DigestFacts): RenderedMail {
  return renderMail(digestDocument(facts));
}

/** The weekly report as sentences, in the order: sentence, numbers, what happened, still open, not seen, next. */
export function digestDocument(facts: DigestFacts): MailDocument {
  const voice = voiceOf(facts);
  const { texts, locale } = voice;
  const quiet = facts.happened.length === 0 && facts.older.total === 0;
  const base = {
    language: locale.language,
    subject: `${facts.tenant.name}, ${periodText(facts, voice)}: ${subjectOutcome(facts, texts)}`,
    lead: leadSentence(facts, texts),
  };
  if (quiet)
    return {
      ...base,
      table: null,
      lines: quietLines(facts, voice),
      sections: [],
      footer: nextText(facts, voice, true),
    };
  return {
    ...base,
    table: numbersTable(facts, texts),
    lines: [],
    sections: sectionsOf(facts, voice),
    footer: texts.footer(facts.tenant.name, periodText(facts, voice), facts.number, locale.timezone),
  };
}

function periodText(facts: DigestFacts, { texts, locale }: Voice): string {
  const week = weekOf(facts.period, locale.timezone);
  if (week !== null) return texts.week(week);
  return texts.days(dayMonth(locale, facts.period.from), dayMonth(locale, facts.period.to - 1));
}

/** Whose absence forbids "all is well": nothing of it was read in the whole period. */
function blindness(facts: DigestFacts): 'blind' | 'blindAudits' | 'blindBoth' | null {
  const { signIns, audits } = facts.numbers.hours;
  if (signIns === 0) return audits === 0 ? 'blindBoth' : 'blind';
  return audits === 0 ? 'blindAudits' : null;
}

function sawAll(facts: DigestFacts): boolean {
  const { hours } = facts.numbers;
  return (
    hours.watched >= hours.of && facts.unseen.sources.length === 0 && facts.unseen.mailboxes.length === 0
  );
}

function countSmaller(facts: DigestFacts): number {
  return facts.happened.reduce((sum, group) => sum + group.items.length, 0);
}

function subjectOutcome(facts: DigestFacts, texts: Texts): string {
  const blind = blindness(facts);
  const found = foundInSubject(facts, texts);
  if (blind === null) return found ?? (sawAll(facts) ? texts.subject.quiet : texts.subject.quietInPart);
  return found === null ? texts.subject[blind] : texts.subject.and(found, texts.subject[blind]);
}

function foundInSubject(facts: DigestFacts, texts: Texts): string | null {
  const { serious } = facts.numbers;
  if (serious.open > 0) return texts.subject.seriousOpen(serious.count, serious.open);
  if (serious.count > 0) return texts.subject.seriousClosed(serious.count);
  if (countSmaller(facts) > 0) return texts.subject.smaller(countSmaller(facts));
  return facts.older.total > 0 ? texts.subject.older(facts.older.total) : null;
}

function leadSentence(facts: DigestFacts, texts: Texts): string {
  const blind = blindness(facts);
  const { hours } = facts.numbers;
  const found = foundSentence(facts, texts);
  if (blind !== null) return `${texts.sentence[blind]} ${found}`;
  return hours.watched < hours.of ? `${found} ${texts.sentence.hoursShort(hours.watched, hours.of)}` : found;
}

function foundSentence(facts: DigestFacts, texts: Texts): string {
  const { serious } = facts.numbers;
  if (serious.open > 0) return texts.sentence.seriousOpen(serious.count, serious.open);
  if (serious.count > 0) return texts.sentence.seriousClosed(serious.count);
  const words = sawAll(facts) ? texts.sentence : texts.sentence.inPart;
  if (countSmaller(facts) > 0) return words.smaller(countSmaller(facts));
  return facts.older.total > 0 ? words.older(facts.older.total) : words.quiet;
}

/** The four lines that follow the sentence in a quiet week, the next date being the footer. */
function quietLines(facts: DigestFacts, voice: Voice): string[] {
  const { texts } = voice;
  const settled = [
    facts.settled > 0 ? texts.item.settled(facts.settled) : '',
    facts.historical.open > 0 ? texts.historical(facts.historical.open, facts.historical.seriousOpen) : '',
  ].filter((text) => text !== '');
  const unseen = unseenLines(facts, voice);
  return [
    texts.numbers.quiet(facts.numbers.leavers, facts.numbers.hours),
    ...(settled.length > 0 ? [settled.join(' ')] : []),
    ...(unseen.length > 0 ? [unseen.join(' ')] : []),
  ];
}

function numbersTable(facts: DigestFacts, texts: Texts): MailDocument['table'] {
  const { numbers } = texts;
  const row = (name: string, value: (of: Numbers) => string) => ({
    name,
    now: value(facts.numbers),
    before: facts.before === null ? numbers.none : value(facts.before),
  });
  return {
    head: [numbers.thisWeek, numbers.lastWeek],
    rows: [
      row(numbers.serious, (of) => numbers.seriousValue(of.serious.count, of.serious.open)),
      row(numbers.leavers, (of) => numbers.ofValue(of.leavers.closed, of.leavers.of)),
      row(numbers.hours, (of) => numbers.ofValue(of.hours.watched, of.hours.of)),
    ],
    line: numbers.line,
  };
}

function sectionsOf(facts: DigestFacts, voice: Voice): MailSection[] {
  const { headings } = voice.texts;
  const historical =
    facts.historical.open === 0
      ? []
      : [voice.texts.historical(facts.historical.open, facts.historical.seriousOpen)];
  return [
    { heading: headings.happened, entries: happenedEntries(facts, voice) },
    { heading: headings.older, entries: olderEntries(facts, voice) },
    { heading: headings.historical, entries: historical.map(plainEntry) },
    { heading: headings.unseen, entries: unseenLines(facts, voice).map(plainEntry) },
    { heading: headings.next, entries: [plainEntry(nextText(facts, voice, false))] },
  ].filter((section) => section.entries.length > 0);
}

function plainEntry(text: string): MailEntry {
  return { name: null, badge: null, lines: [{ when: null, text }] };
}

function happenedEntries(facts: DigestFacts, voice: Voice): MailEntry[] {
  const { item } = voice.texts;
  const surplus = facts.happened.length - MOST_GROUPS;
  return [
    ...facts.happened.slice(0, MOST_GROUPS).map((group) => groupEntry(group, facts, voice)),
    ...(surplus > 0 ? [plainEntry(item.moreGroups(surplus))] : []),
    ...(facts.settled > 0 ? [plainEntry(item.settled(facts.settled))] : []),
  ];
}

function groupEntry(group: Group, facts: DigestFacts, voice: Voice): MailEntry {
  const { texts } = voice;
  const surplus = group.items.length - MOST_ITEMS;
  return {
    name: group.name ?? texts.unknownSubject,
    badge: isSerious(group.level) ? texts.item.serious : null,
    lines: [
      ...group.items.slice(0, MOST_ITEMS).map((item) => ({
        when: momentText(item.at, facts, voice),
        text: itemText(item, facts, voice),
      })),
      ...(surplus > 0 ? [{ when: null, text: texts.item.moreItems(surplus) }] : []),
    ],
  };
}

/** `Tuesday 09:41` inside the period, `3 October 14:02` outside it. */
function momentText(at: number, facts: DigestFacts, { texts, locale }: Voice): string {
  const inside = at >= facts.period.from && at < facts.period.to;
  return texts.at(inside ? weekday(locale, at) : dayMonth(locale, at), clockTime(locale, at));
}

function itemText(item: Item, facts: DigestFacts, voice: Voice): string {
  const { texts, locale } = voice;
  return [
    sentence(item.title),
    sentence(item.what),
    isSerious(item.level) ? sentence(item.why) : '',
    item.times > 1 ? texts.item.times(item.times) : '',
    item.late ? texts.item.late(dayMonth(locale, item.at)) : noticedText(item, texts),
    item.withdrawn ? texts.item.withdrawn : '',
    stateText(item, facts, voice),
  ]
    .filter((text) => text !== '')
    .join(' ');
}

/** Titles are headlines without a full stop; in a row of sentences they need one. */
function sentence(text: string): string {
  return text === '' || /[.!?…]$/u.test(text) ? text : `${text}.`;
}

const MINUTE_MS = 60_000;

/** How long until we noticed; a state has no moment, and what is folded has many. */
function noticedText(item: Item, texts: Texts): string {
  const minutes = Math.round((item.seenAt - item.at) / MINUTE_MS);
  if (item.life === 'state' || item.times > 1 || minutes < 1) return '';
  return texts.item.noticed(durationText(minutes, texts));
}

function durationText(minutes: number, texts: Texts): string {
  if (minutes < 90) return texts.duration.minutes(minutes);
  const hours = Math.round(minutes / 60);
  return hours < 48 ? texts.duration.hours(hours) : texts.duration.days(Math.round(hours / 24));
}

function stateText(item: Item, facts: DigestFacts, voice: Voice): string {
  const { texts } = voice;
  if (item.expected) return texts.item.expected;
  if (item.open) return item.ask === '' ? texts.item.open : `${texts.item.open} ${sentence(item.ask)}`;
  if (item.closedAt === null) return '';
  const reason = texts.closeReasons[item.closeReason ?? ''] ?? texts.closeReasons['true'] ?? '';
  return texts.item.closed(momentText(item.closedAt, facts, voice), reason);
}

function olderEntries(facts: DigestFacts, { texts, locale }: Voice): MailEntry[] {
  const shown = facts.older.items.slice(0, MOST_OLDER);
  const surplus = facts.older.total - shown.length;
  return [
    ...shown.map((item) =>
      plainEntry(
        `${item.title} (${texts.item.since(dayMonth(locale, item.at))}). ${sentence(item.ask)}`.trim(),
      ),
    ),
    ...(surplus > 0 ? [plainEntry(`${texts.item.moreItems(surplus)}.`)] : []),
  ];
}

/** The next date; in a short report the number and the week stand beside it, as its only footer. */
function nextText(facts: DigestFacts, voice: Voice, short: boolean): string {
  const { texts, locale } = voice;
  const sameYear = dayKey(locale, facts.nextAt).slice(0, 4) === dayKey(locale, facts.writtenAt).slice(0, 4);
  const date = sameYear ? dayMonth(locale, facts.nextAt) : fullDate(locale, facts.nextAt);
  const next = texts.next(`${weekday(locale, facts.nextAt)} ${date}`);
  return short
    ? `${next} ${texts.footer(facts.tenant.name, periodText(facts, voice), facts.number, locale.timezone)}`
    : next;
}
