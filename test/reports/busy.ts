import type { Cause } from '../../src/text/catalogue.ts';
import type { FirstLookFacts } from '../../src/reports/first-look-facts.ts';
import type { DigestFacts, Gap, Group } from '../../src/reports/facts.ts';
import { item, NOTHING_UNSEEN, quietFacts, TUESDAY } from './facts.ts';

/** A sentence as a detection's text gives it, in the reader's language. */
const LONG: Readonly<Record<string, string>> = {
  en: 'Jonas Berg (Admin) gave Anna-Maria Keller full control over each mailbox, group and file of the company',
  de: 'Jonas Berg (Admin) hat Anna-Maria Keller die Kontrolle über jedes Postfach, jede Gruppe und Datei gegeben',
};

function groups(count: number, what: string): Group[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `Person ${index}`,
    level: index < count / 2 ? ('high' as const) : ('low' as const),
    items: Array.from({ length: 6 }, (__, at) => item({ what: `${what} ${index} ${at}`, why: '' })),
  }));
}

const GAP: Gap = {
  source: 'sign-ins',
  from: TUESDAY,
  to: TUESDAY + 3_600_000,
  cause: 'service_down' as Cause,
  readLater: false,
  detail: null,
};

/** A week in which everything happened at once. */
export function busyFacts(language: string): DigestFacts {
  const long = LONG[language] ?? '';
  const decision = { alertId: 'a', question: long, yes: '', no: '', owner: null, dueAt: TUESDAY };
  return quietFacts({
    reader: { kind: 'management', language, timezone: 'Europe/Berlin' },
    numbers: { ...quietFacts().numbers, serious: { count: 10, open: 10 } },
    happened: groups(20, long),
    settled: 3,
    older: { items: [item()], total: 40 },
    historical: { total: 9, open: 9, seriousOpen: 4 },
    decisions: { items: [1, 2, 3].map((n) => ({ ...decision, about: `Anna ${n}` })), total: 12 },
    people: {
      joined: { count: 4, complete: 2 },
      left: { count: 7, open: ['Bo', 'Cy', 'Di', 'Ed'].map((name) => ({ name, items: 2 })) },
    },
    unseen: {
      ...NOTHING_UNSEEN,
      gaps: Array.from({ length: 12 }, (_, n) => ({
        ...GAP,
        from: GAP.from + n * 7_200_000,
        to: GAP.to + n * 7_200_000,
      })),
      rejected: 3,
    },
  });
}

/** What a tenant with a hundred open things looks like at first. */
export function firstLookFacts(language: string): FirstLookFacts {
  const example = (title: string) => ({ alertId: 'a', title, at: TUESDAY });
  const { tenant, period, writtenAt } = quietFacts();
  return {
    schema: 1,
    tenant,
    reader: { kind: 'management', language, timezone: 'Europe/Berlin' },
    number: 1,
    period,
    writtenAt,
    open: {
      total: 100,
      serious: 40,
      kinds: [
        { detectionId: 'd1', level: 'high', count: 60, examples: ['Anna', 'Bo', 'Cy'].map(example) },
        { detectionId: 'd2', level: 'low', count: 40, examples: [example('Di')] },
      ],
    },
    history: {
      total: 5,
      kinds: [{ detectionId: 'd3', level: 'medium', count: 5, examples: [example('Ed signed in')] }],
    },
    unseen: NOTHING_UNSEEN,
  };
}
