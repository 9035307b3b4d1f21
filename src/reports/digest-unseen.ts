import type { Texts } from '../text/catalogue.ts';
import { clockTime, dayKey, dayMonth, listOf, weekday } from '../text/intl.ts';
import { standInOf } from './coverage.ts';
import type { DigestFacts, Gap, SourceTrouble, WeakDetection } from './facts.ts';
import type { Limits } from './reading.ts';
import type { Voice } from './voice.ts';

const MOST_REDUCED = 4;

/**
 * What could not be seen, one line each; it stands even in a good week. IT also gets what the program said, and which
 * checks are weaker; a manager is told how many.
 */
export function unseenLines(
  facts: Pick<DigestFacts, 'unseen' | 'reader' | 'period'>,
  voice: Voice,
  limits: Limits,
): string[] {
  const { texts } = voice;
  const { unseen } = facts;
  const technical = facts.reader.kind === 'technical';
  const lines = [
    ...ownLines(unseen.own ?? [], texts),
    ...sourceLines(facts, voice),
    ...(unseen.standIns ?? []).map((one) => standInLine(one, facts, voice)),
    ...gapLines(facts, voice),
    ...unseen.mailboxes.map((entry) =>
      texts.unseen.mailboxes(sourceName(entry.source, texts), entry.count, texts.causes[entry.cause]),
    ),
    ...(technical
      ? [...offLines(unseen.detections, texts), ...reducedLines(unseen.detections, texts)]
      : weakCounts(unseen.detections, texts)),
    ...(unseen.rejected > 0 ? [texts.unseen.rejected(unseen.rejected)] : []),
  ];
  if (lines.length === 0) lines.push(texts.unseen.nothing);
  lines.push(...extraLines(unseen.extras ?? [], technical, texts));
  const surplus = lines.length - limits.unseen;
  return surplus > 0 ? [...lines.slice(0, limits.unseen), texts.unseen.more(surplus)] : lines;
}

/** Titles of our own alerts in one line. */
const MOST_OWN = 3;

function ownLines(titles: readonly string[], texts: Texts): string[] {
  if (titles.length === 0) return [];
  const surplus = titles.length - MOST_OWN;
  return [texts.unseen.own(titles.slice(0, MOST_OWN).join('; '), Math.max(0, surplus))];
}

/** One line for all that could be watched if it were granted; a manager is told how much it is. */
function extraLines(extras: readonly string[], technical: boolean, texts: Texts): string[] {
  if (extras.length === 0) return [];
  const names = [...new Set(extras.map((source) => sourceName(source, texts)))];
  return [texts.unseen.extras(extras.length, technical ? listOf(texts.tag, names) : null)];
}

export function sourceName(source: string, texts: Texts): string {
  return texts.sources[source] ?? source.replaceAll('-', ' ');
}

type Within = Pick<DigestFacts, 'reader' | 'period'>;

/** Sources, those with the same cause and the same date to the minute in one line. */
function sourceLines(facts: Within & Pick<DigestFacts, 'unseen'>, voice: Voice): string[] {
  const groups = new Map<string, SourceTrouble[]>();
  for (const trouble of facts.unseen.sources) {
    const detail = facts.reader.kind === 'technical' ? trouble.detail : null;
    const key = JSON.stringify([trouble.cause, sinceText(trouble, voice), detail]);
    groups.set(key, [...(groups.get(key) ?? []), trouble]);
  }
  return [...groups.values()].map((troubles) => sourceLine(troubles, facts, voice));
}

function sourceLine(troubles: readonly SourceTrouble[], facts: Within, voice: Voice): string {
  const { texts } = voice;
  const source = troubles[0] as SourceTrouble;
  const names = new Set(troubles.map((trouble) => sourceName(trouble.source, texts)));
  const name = listOf(texts.tag, [...names]);
  const cause = texts.causes[source.cause];
  const since = sinceText(source, voice);
  const line =
    since === null ? texts.unseen.source(name, cause) : texts.unseen.sourceSince(name, cause, since);
  return withDetail(line, source.detail, facts, texts);
}

/** A source that is off, and the one that shows its records instead. */
function standInLine(source: SourceTrouble, facts: Within, voice: Voice): string {
  const { texts } = voice;
  const by = sourceName(standInOf(source.source) ?? source.source, texts);
  const name = sourceName(source.source, texts);
  const line = texts.unseen.standIn(name, by, texts.causes[source.cause], sinceText(source, voice));
  return withDetail(line, source.detail, facts, texts);
}

/** Day and minute of the last read; null when there was none. */
function sinceText({ lastOkAt }: SourceTrouble, { texts, locale }: Voice): string | null {
  return lastOkAt === null ? null : texts.at(dayMonth(locale, lastOkAt), clockTime(locale, lastOkAt));
}

/** Gaps, those with the same span and cause in one line. */
function gapLines(facts: Within & Pick<DigestFacts, 'unseen'>, voice: Voice): string[] {
  const groups = new Map<string, Gap[]>();
  for (const gap of facts.unseen.gaps) {
    const detail = facts.reader.kind === 'technical' ? gap.detail : null;
    const key = JSON.stringify([gap.from, gap.to, gap.cause, gap.readLater, detail]);
    groups.set(key, [...(groups.get(key) ?? []), gap]);
  }
  return [...groups.values()].map((gaps) => gapLine(gaps, facts, voice));
}

function gapLine(gaps: readonly Gap[], facts: Within, voice: Voice): string {
  const { texts } = voice;
  const gap = gaps[0] as Gap;
  const words =
    gap.readLater === null
      ? texts.unseen.gapPast
      : gap.readLater
        ? texts.unseen.gapRead
        : texts.unseen.gapOpen;
  const names = listOf(texts.tag, [...new Set(gaps.map((one) => sourceName(one.source, texts)))]);
  return withDetail(
    words(names, spanText(gap, facts, voice), texts.causes[gap.cause]),
    gap.detail,
    facts,
    texts,
  );
}

function withDetail(line: string, detail: string | null, facts: Within, texts: Texts): string {
  return detail === null || facts.reader.kind !== 'technical'
    ? line
    : `${line} ${texts.unseen.detail(detail)}`;
}

function spanText(gap: Gap, facts: Within, { texts, locale }: Voice): string {
  if (gap.from <= facts.period.from && gap.to >= facts.period.to) return texts.unseen.wholePeriod;
  const [from, to] = [clockTime(locale, gap.from), clockTime(locale, gap.to)];
  const day = weekday(locale, gap.from);
  if (dayKey(locale, gap.from) === dayKey(locale, gap.to)) return texts.unseen.sameDay(day, from, to);
  return texts.unseen.span(texts.at(day, from), texts.at(weekday(locale, gap.to), to));
}

/** Titles named in one line; imported rules come by the dozen, and then their number says enough. */
const MOST_TITLES = 8;

/** Detections that are off, those that lack the same in one line. */
function offLines(detections: readonly WeakDetection[], texts: Texts): string[] {
  const groups = new Map<string, string[]>();
  for (const detection of detections.filter((one) => one.state === 'off')) {
    const needs = needsText(detection, texts);
    groups.set(needs, [...(groups.get(needs) ?? []), detection.title]);
  }
  return [...groups].map(([needs, titles]) =>
    titles.length > MOST_TITLES
      ? texts.unseen.without(titles.length, needs)
      : texts.unseen.off(titles.join(', '), needs),
  );
}

/** For a manager: how many checks are off, by what they lack, and how many work in part. */
function weakCounts(detections: readonly WeakDetection[], texts: Texts): string[] {
  const off = detections.filter((one) => one.state === 'off');
  const counts = new Map<string, number>();
  for (const one of off) {
    const needs = needsText(one, texts);
    counts.set(needs, (counts.get(needs) ?? 0) + 1);
  }
  const reduced = detections.length - off.length;
  return [
    ...[...counts].map(([needs, count]) => texts.unseen.without(count, needs)),
    ...(reduced > 0 ? [texts.unseen.inPart(reduced)] : []),
  ];
}

function needsText(detection: WeakDetection, texts: Texts): string {
  if (detection.sources.length > 0) {
    return texts.unseen.needs(detection.sources.map((source) => sourceName(source, texts)).join(', '));
  }
  return detection.lacks === null ? '' : texts.unseen.lacks[detection.lacks];
}

function reducedLines(detections: readonly WeakDetection[], texts: Texts): string[] {
  const reduced = detections.filter((one) => one.state === 'reduced');
  const told = reduced.filter((one) => one.text !== null);
  const plain = reduced.filter((one) => one.text === null).map((one) => one.title);
  const surplus = told.length - MOST_REDUCED;
  return [
    ...told.slice(0, MOST_REDUCED).map((one) => texts.unseen.reduced(one.title, one.text ?? '')),
    ...(surplus > 0 ? [texts.unseen.weakMore(surplus)] : []),
    ...(plain.length > 0 ? [texts.unseen.reducedPlain(plain.join(', '))] : []),
  ];
}
