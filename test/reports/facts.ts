import type { DigestFacts, Item, Unseen } from '../../src/reports/facts.ts';

/** Monday to Monday in Berlin, week 47 of 2026. */
export const WEEK = {
  from: Date.parse('2026-11-16T00:00:00+01:00'),
  to: Date.parse('2026-11-23T00:00:00+01:00'),
};
export const TUESDAY = Date.parse('2026-11-17T09:41:00+01:00');

export const NOTHING_UNSEEN: Unseen = { sources: [], gaps: [], mailboxes: [], detections: [], rejected: 0 };

/** Facts of a quiet week in which everything was seen. */
export function quietFacts(overrides: Partial<DigestFacts> = {}): DigestFacts {
  return {
    schema: 2,
    tenant: { id: 'tenant-1', name: 'Muster Bau' },
    reader: { kind: 'management', language: 'en', timezone: 'Europe/Berlin' },
    number: 3,
    period: WEEK,
    writtenAt: Date.parse('2026-11-23T07:00:00+01:00'),
    nextAt: Date.parse('2026-11-30T07:00:00+01:00'),
    numbers: {
      serious: { count: 0, open: 0 },
      leavers: { closed: 1, of: 1 },
      hours: { watched: 168, signIns: 168, audits: 168, of: 168, without: [] },
    },
    before: null,
    happened: [],
    settled: 0,
    older: { items: [], total: 0 },
    historical: { total: 0, open: 0, seriousOpen: 0 },
    decisions: { items: [], total: 0 },
    people: { joined: { count: 0, complete: 0 }, left: { count: 1, open: [] } },
    unseen: NOTHING_UNSEEN,
    ...overrides,
  };
}

export function item(overrides: Partial<Item> = {}): Item {
  return {
    alertIds: ['alert-1'],
    detectionId: 'detection-1',
    level: 'high',
    life: 'event',
    title: 'Anna Keller became Global Administrator',
    what: 'Jonas Berg gave Anna Keller full control.',
    why: 'This role can reach every mailbox.',
    ask: 'Was this planned?',
    yes: '',
    no: '',
    at: TUESDAY,
    times: 1,
    seenAt: TUESDAY + 9 * 60_000,
    late: false,
    open: true,
    expected: false,
    withdrawn: false,
    closedAt: null,
    closeReason: null,
    ...overrides,
  };
}
