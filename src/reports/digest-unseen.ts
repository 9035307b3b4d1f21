import type { Texts } from '../text/catalogue.ts';
import { clockTime, dayKey, dayMonth, weekday } from '../text/intl.ts';
import type { Voice } from './digest.ts';
import type { DigestFacts, Gap, SourceTrouble, WeakDetection } from './facts.ts';

const MOST_GAPS = 5;
const MOST_REDUCED = 4;

/** What could not be seen, one line each; it stands even in a good week. IT also gets what the program said. */
export function unseenLines(facts: DigestFacts, voice: Voice): string[] {
  const { texts } = voice;
  const { unseen } = facts;
  const surplus = unseen.gaps.length - MOST_GAPS;
  return [
    ...unseen.sources.map((source) => sourceLine(source, facts, voice)),
    ...unseen.gaps.slice(0, MOST_GAPS).map((gap) => gapLine(gap, facts, voice)),
    ...(surplus > 0 ? [texts.unseen.gapMore(surplus)] : []),
    ...unseen.mailboxes.map((entry) =>
      texts.unseen.mailboxes(sourceName(entry.source, texts), entry.count, texts.causes[entry.cause]),
    ),
    ...offLines(unseen.detections, texts),
    ...reducedLines(unseen.detections, texts),
    ...(unseen.rejected > 0 ? [texts.unseen.rejected(unseen.rejected)] : []),
  ];
}

function sourceName(source: string, texts: Texts): string {
  return texts.sources[source] ?? source.replaceAll('-', ' ');
}

function sourceLine(source: SourceTrouble, facts: DigestFacts, voice: Voice): string {
  const { texts, locale } = voice;
  const name = sourceName(source.source, texts);
  const cause = texts.causes[source.cause];
  const line =
    source.lastOkAt === null
      ? texts.unseen.source(name, cause)
      : texts.unseen.sourceSince(
          name,
          cause,
          texts.at(dayMonth(locale, source.lastOkAt), clockTime(locale, source.lastOkAt)),
        );
  return withDetail(line, source.detail, facts, texts);
}

function gapLine(gap: Gap, facts: DigestFacts, voice: Voice): string {
  const { texts } = voice;
  const words = gap.readLater ? texts.unseen.gapRead : texts.unseen.gapOpen;
  const line = words(sourceName(gap.source, texts), spanText(gap, facts, voice), texts.causes[gap.cause]);
  return withDetail(line, gap.detail, facts, texts);
}

function withDetail(line: string, detail: string | null, facts: DigestFacts, texts: Texts): string {
  return detail === null || facts.reader.kind !== 'technical'
    ? line
    : `${line} ${texts.unseen.detail(detail)}`;
}

function spanText(gap: Gap, facts: DigestFacts, { texts, locale }: Voice): string {
  if (gap.from <= facts.period.from && gap.to >= facts.period.to) return texts.unseen.wholePeriod;
  const [from, to] = [clockTime(locale, gap.from), clockTime(locale, gap.to)];
  const day = weekday(locale, gap.from);
  if (dayKey(locale, gap.from) === dayKey(locale, gap.to)) return texts.unseen.sameDay(day, from, to);
  return texts.unseen.span(texts.at(day, from), texts.at(weekday(locale, gap.to), to));
}

/** Detections that are off, those that lack the same in one line. */
function offLines(detections: readonly WeakDetection[], texts: Texts): string[] {
  const groups = new Map<string, string[]>();
  for (const detection of detections.filter((one) => one.state === 'off')) {
    const needs = needsText(detection, texts);
    groups.set(needs, [...(groups.get(needs) ?? []), detection.title]);
  }
  return [...groups].map(([needs, titles]) => texts.unseen.off(titles.join(', '), needs));
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
