import { renderMail, textPart, type MailDocument, type RenderedMail } from '../render/mail.ts';
import type { Texts } from '../text/catalogue.ts';
import { listOf } from '../text/intl.ts';
import { decideEntries, happenedEntries, olderEntries, peopleText, plainEntry } from './digest-stories.ts';
import { sourceName, unseenLines } from './digest-unseen.ts';
import type { DigestFacts, Numbers } from './facts.ts';
import { isSerious } from './level.ts';
import { fitToReading, FULL, type Limits } from './reading.ts';
import { dateText, periodText, voiceOf, type Voice } from './voice.ts';

export type { RenderedMail } from '../render/mail.ts';

/** Subject, text and HTML of a weekly report. Pure: the same facts give the same mail. */
export function renderDigest(facts: DigestFacts): RenderedMail {
  return renderMail(digestDocument(facts));
}

/**
 * The weekly report as sentences, in the order of docs/digest.md: sentence, numbers, what happened, please decide,
 * people, not seen, next. A manager's is cut to what 90 seconds can hold; IT gets the list.
 */
export function digestDocument(facts: DigestFacts): MailDocument {
  if (facts.reader.kind === 'technical') return documentWithin(facts, FULL);
  return fitToReading((limits) => documentWithin(facts, limits), textPart);
}

function documentWithin(facts: DigestFacts, limits: Limits): MailDocument {
  const voice = voiceOf(facts.reader);
  const { texts, locale } = voice;
  const base = {
    language: locale.language,
    subject: `${facts.tenant.name}, ${periodText(facts.period, voice)}: ${subjectText(facts, texts)}`,
    lead: leadSentence(facts, voice),
  };
  const footer = texts.footer(
    facts.tenant.name,
    periodText(facts.period, voice),
    facts.number,
    locale.timezone,
  );
  const next = texts.next(dateText(facts.nextAt, facts.writtenAt, voice));
  if (isQuiet(facts)) {
    const lines = quietLines(facts, voice, limits);
    return { ...base, table: null, lines, sections: [], footer: `${next} ${footer}` };
  }
  const sections = sectionsOf(facts, voice, limits, next);
  return { ...base, table: numbersTable(facts, texts), lines: [], sections, footer };
}

function isQuiet(facts: DigestFacts): boolean {
  return facts.happened.length === 0 && facts.older.total === 0 && facts.decisions.total === 0;
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

/** The outcome, what could not be seen, and what is wanted. */
function subjectText(facts: DigestFacts, texts: Texts): string {
  const blind = blindness(facts);
  const found = foundInSubject(facts, texts);
  const asked = facts.decisions.items.length;
  const quiet = sawAll(facts) ? texts.subject.quiet : texts.subject.quietInPart;
  return texts.subject.and(
    [
      found ?? (blind === null && asked === 0 ? quiet : ''),
      blind === null ? '' : texts.subject[blind],
      asked === 0 ? '' : texts.subject.decisions(asked),
    ].filter((part) => part !== ''),
  );
}

function foundInSubject(facts: DigestFacts, texts: Texts): string | null {
  const { serious } = facts.numbers;
  if (serious.open > 0) return texts.subject.seriousOpen(serious.count, serious.open);
  if (serious.count > 0) return texts.subject.seriousClosed(serious.count);
  if (countSmaller(facts) > 0) return texts.subject.smaller(countSmaller(facts));
  return facts.older.total > 0 ? texts.subject.older(facts.older.total) : null;
}

function leadSentence(facts: DigestFacts, voice: Voice): string {
  const { texts } = voice;
  const blind = blindness(facts);
  const { hours } = facts.numbers;
  const short = blind === null && hours.watched < hours.of;
  const asked = facts.decisions.items.length;
  return [
    blind === null ? '' : texts.sentence[blind],
    foundSentence(facts, voice),
    short ? texts.sentence.hoursShort(hours.watched, hours.of) : '',
    asked === 0 ? '' : texts.sentence.decisions(asked),
  ]
    .filter((text) => text !== '')
    .join(' ');
}

/** Names in the first sentence at most: more do not fit on a lock screen. */
const MOST_NAMES = 3;

function foundSentence(facts: DigestFacts, { texts, locale }: Voice): string {
  const { serious } = facts.numbers;
  if (serious.count > 0) {
    const names = facts.happened
      .filter((group) => isSerious(group.level) && !group.items.every((item) => item.expected))
      .flatMap((group) => group.name ?? []);
    const who = names.length === serious.count && names.length <= MOST_NAMES ? names : [];
    return texts.sentence.serious(serious.count, serious.open, listOf(locale.language, who));
  }
  const words = sawAll(facts) ? texts.sentence : texts.sentence.inPart;
  if (countSmaller(facts) > 0) return words.smaller(countSmaller(facts));
  return facts.older.total > 0 ? words.older(facts.older.total) : words.quiet;
}

/** The lines between the sentence and the next date: in a quiet week five lines in all. */
function quietLines(facts: DigestFacts, voice: Voice, limits: Limits): string[] {
  const { texts } = voice;
  const { hours } = facts.numbers;
  const settled = [
    facts.people.joined.count > 0 ? peopleText(facts, voice) : '',
    facts.settled > 0 ? texts.item.settled(facts.settled) : '',
    facts.historical.open > 0 ? texts.historical(facts.historical.open, facts.historical.seriousOpen) : '',
  ].filter((text) => text !== '');
  return [
    texts.numbers.quiet(
      facts.numbers.leavers,
      `${texts.numbers.ofValue(hours.watched, hours.of)}${withoutText(facts.numbers, texts)}`,
    ),
    ...(settled.length > 0 ? [settled.join(' ')] : []),
    unseenLines(facts, voice, limits).join(' '),
  ];
}

/** Sources that the hours leave out; '' when there are none. */
function withoutText({ hours }: Numbers, texts: Texts): string {
  const names = new Set(hours.without.map((one) => sourceName(one, texts)));
  return names.size === 0 ? '' : texts.numbers.without(listOf(texts.tag, [...names]));
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
      row(`${numbers.hours}${withoutText(facts.numbers, texts)}`, (of) =>
        numbers.ofValue(of.hours.watched, of.hours.of),
      ),
    ],
    line: numbers.line,
  };
}

function sectionsOf(
  facts: DigestFacts,
  voice: Voice,
  limits: Limits,
  next: string,
): MailDocument['sections'] {
  const { headings } = voice.texts;
  const people = peopleText(facts, voice);
  return [
    { heading: headings.happened, entries: happenedEntries(facts, voice, limits) },
    { heading: headings.decide, asks: true, entries: decideEntries(facts, voice) },
    { heading: headings.older, entries: olderEntries(facts, voice, limits) },
    { heading: headings.people, entries: people === '' ? [] : [plainEntry(people)] },
    { heading: headings.unseen, entries: unseenLines(facts, voice, limits).map(plainEntry) },
    { heading: headings.next, entries: [plainEntry(next)] },
  ].filter((section) => section.entries.length > 0);
}
