import type { MailEntry } from '../render/mail.ts';
import { dayMonth } from '../text/intl.ts';
import type { DigestFacts, Group, Item } from './facts.ts';
import { isSerious } from './level.ts';
import type { Limits } from './reading.ts';
import { dateText, durationText, momentText, sentence, type Voice } from './voice.ts';

export function plainEntry(text: string): MailEntry {
  return { name: null, badge: null, lines: [{ when: null, text }] };
}

/** What happened, per person, and in one line each what is older, was so before we began, or came to nothing. */
export function happenedEntries(facts: DigestFacts, voice: Voice, limits: Limits): MailEntry[] {
  const { texts, locale } = voice;
  const surplus = facts.happened.length - limits.groups;
  const since = Math.min(...facts.older.items.map((item) => item.at));
  const { open, seriousOpen } = facts.historical;
  const listed = facts.reader.kind === 'technical';
  return [
    ...facts.happened.slice(0, limits.groups).map((group) => groupEntry(group, facts, voice, limits)),
    ...(surplus > 0 ? [plainEntry(texts.item.moreGroups(surplus))] : []),
    ...(facts.older.total > 0 && !listed
      ? [plainEntry(texts.item.olderOpen(facts.older.total, dayMonth(locale, since)))]
      : []),
    ...(open > 0 ? [plainEntry(texts.historical(open, seriousOpen))] : []),
    ...(facts.settled > 0 ? [plainEntry(texts.item.settled(facts.settled))] : []),
  ];
}

function groupEntry(group: Group, facts: DigestFacts, voice: Voice, limits: Limits): MailEntry {
  const { texts } = voice;
  const surplus = group.items.length - limits.items;
  const allOpen = group.items.every((item) => item.open && !item.expected);
  const badges = [isSerious(group.level) ? texts.item.serious : '', allOpen ? texts.item.openBadge : ''];
  return {
    name: group.name ?? texts.unknownSubject,
    badge: badges.filter((text) => text !== '').join(', ') || null,
    lines: [
      ...group.items.slice(0, limits.items).map((item) => ({
        when: momentText(item.at, facts.period, voice),
        text: itemText(item, facts, voice, { allOpen, why: limits.why }),
      })),
      ...(surplus > 0 ? [{ when: null, text: texts.item.moreItems(surplus) }] : []),
    ],
  };
}

function itemText(
  item: Item,
  facts: DigestFacts,
  voice: Voice,
  told: { readonly allOpen: boolean; readonly why: boolean },
): string {
  const { texts, locale } = voice;
  return [
    // "What" says the title again with more in it; both would take twice the time.
    sentence(item.what === '' ? item.title : item.what),
    told.why && isSerious(item.level) ? sentence(item.why) : '',
    item.times > 1 ? texts.item.times(item.times) : '',
    item.late ? texts.item.late(dayMonth(locale, item.at)) : noticedText(item, voice),
    item.withdrawn ? texts.item.withdrawn : '',
    stateText(item, facts, voice, told.allOpen),
  ]
    .filter((text) => text !== '')
    .join(' ');
}

/** How long until we noticed; a state has no moment, and what is folded has many. */
function noticedText(item: Item, voice: Voice): string {
  if (item.life === 'state' || item.times > 1) return '';
  const duration = durationText(item.seenAt - item.at, voice);
  return duration === null ? '' : voice.texts.item.noticed(duration);
}

function stateText(item: Item, facts: DigestFacts, voice: Voice, allOpen: boolean): string {
  const { texts } = voice;
  if (item.expected) return texts.item.expected;
  if (item.open) return allOpen ? '' : texts.item.open;
  if (item.closedAt === null) return '';
  const reason = texts.closeReasons[item.closeReason ?? ''] ?? texts.closeReasons['true'] ?? '';
  const after = durationText(item.closedAt - item.at, voice);
  return texts.item.closed(momentText(item.closedAt, facts.period, voice), reason, after);
}

/** Questions with what follows from each answer, an owner and a date. */
export function decideEntries(facts: DigestFacts, voice: Voice): MailEntry[] {
  const { texts } = voice;
  const { items, total } = facts.decisions;
  const entries = items.map((one, index): MailEntry => {
    const answers = [
      one.yes === '' ? '' : sentence(texts.decide.yes(one.yes)),
      one.no === '' ? '' : sentence(texts.decide.no(one.no)),
    ];
    const owner = texts.decide.owner(
      one.owner ?? texts.decide.it,
      dateText(one.dueAt, facts.writtenAt, voice),
    );
    return {
      number: index + 1,
      name: sentence(one.about),
      badge: null,
      lines: [
        { when: null, text: [sentence(one.question), ...answers].filter((text) => text !== '').join(' ') },
        { when: null, text: owner },
      ],
    };
  });
  const surplus = total - items.length;
  return surplus > 0 ? [...entries, plainEntry(texts.decide.more(surplus))] : entries;
}

/** Names of leavers with something open printed at most. */
const MOST_LEAVERS = 3;

/** Who came and who went, in one line; '' when nobody did. */
export function peopleText(facts: DigestFacts, { texts }: Voice): string {
  const { joined, left } = facts.people;
  const shown = left.open
    .slice(0, MOST_LEAVERS)
    .map(({ name, items }) => texts.people.openItems(name ?? texts.unknownSubject, items));
  const surplus = left.open.length - shown.length;
  const open = [...shown, ...(surplus > 0 ? [texts.people.more(surplus)] : [])].join('; ');
  const parts = [
    joined.count > 0 ? texts.people.joined(joined.count, joined.complete) : '',
    left.count > 0 ? texts.people.left(left.count, open) : '',
  ].filter((text) => text !== '');
  return parts.length === 0 ? '' : capital(`${parts.join(', ')}.`);
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

/** For IT only: each thing that is open from before. */
export function olderEntries(facts: DigestFacts, { texts, locale }: Voice, limits: Limits): MailEntry[] {
  if (facts.reader.kind !== 'technical') return [];
  const shown = facts.older.items.slice(0, limits.older);
  const surplus = facts.older.total - shown.length;
  return [
    ...shown.map((item) =>
      plainEntry(
        `${item.title} (${texts.item.since(dayMonth(locale, item.at))}). ${sentence(item.ask)}`.trim(),
      ),
    ),
    ...(surplus > 0 ? [plainEntry(texts.item.moreItems(surplus))] : []),
  ];
}
