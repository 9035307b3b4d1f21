import { renderMail, type MailDocument, type MailEntry, type RenderedMail } from '../render/mail.ts';
import { dayMonth, fullDate } from '../text/intl.ts';
import { plainEntry } from './digest-stories.ts';
import { unseenLines } from './digest-unseen.ts';
import type { FirstLookFacts, Kind } from './first-look-facts.ts';
import { isSerious } from './level.ts';
import { FULL } from './reading.ts';
import { sentence, voiceOf, type Voice } from './voice.ts';

/** Kinds printed of each sort; the catalogue holds some dozens. */
const MOST_KINDS = 10;

/** Subject, text and HTML of a first look. Pure. */
export function renderFirstLook(facts: FirstLookFacts): RenderedMail {
  return renderMail(firstLookDocument(facts));
}

function firstLookDocument(facts: FirstLookFacts): MailDocument {
  const voice = voiceOf(facts.reader);
  const { texts, locale } = voice;
  const { firstLook, headings } = texts;
  const blind = facts.unseen.sources.some((trouble) => trouble.source === 'sign-ins');
  const lead = firstLook.lead(facts.open.total, facts.open.serious);
  return {
    language: locale.language,
    subject: firstLook.subject(facts.tenant.name, facts.open.total),
    lead: blind ? `${lead} ${firstLook.blind}` : lead,
    table: null,
    lines: [firstLook.explain],
    sections: [
      { heading: firstLook.open, entries: kindEntries(facts.open.kinds, voice, openEntry) },
      { heading: firstLook.history, entries: kindEntries(facts.history.kinds, voice, historyEntry) },
      { heading: headings.unseen, entries: unseenLines(facts, voice, FULL).map(plainEntry) },
    ].filter((section) => section.entries.length > 0),
    footer: firstLook.footer(facts.tenant.name, fullDate(locale, facts.writtenAt), locale.timezone),
  };
}

function kindEntries(
  kinds: readonly Kind[],
  voice: Voice,
  entry: (kind: Kind, voice: Voice) => MailEntry,
): MailEntry[] {
  const surplus = kinds.length - MOST_KINDS;
  return [
    ...kinds.slice(0, MOST_KINDS).map((kind) => entry(kind, voice)),
    ...(surplus > 0 ? [plainEntry(voice.texts.firstLook.moreKinds(surplus))] : []),
  ];
}

function openEntry(kind: Kind, { texts }: Voice): MailEntry {
  const [first, ...others] = kind.examples;
  const surplus = kind.count - kind.examples.length;
  return {
    name: sentence(first?.title ?? ''),
    badge: isSerious(kind.level) ? texts.item.serious : null,
    lines: [
      ...others.map((example) => ({ when: null, text: sentence(example.title) })),
      ...(surplus > 0 ? [{ when: null, text: texts.firstLook.more(surplus) }] : []),
    ],
  };
}

function historyEntry(kind: Kind, { texts, locale }: Voice): MailEntry {
  const newest = kind.examples[0];
  const surplus = kind.count - 1;
  const line = `${newest?.title ?? ''} (${dayMonth(locale, newest?.at ?? 0)})`;
  return plainEntry(surplus > 0 ? `${line}; ${texts.firstLook.more(surplus)}` : `${line}.`);
}
