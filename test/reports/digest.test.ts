import { describe, expect, it } from 'vitest';
import { renderDigest } from '../../src/reports/digest.ts';
import type { DigestFacts } from '../../src/reports/facts.ts';
import { BREAK } from '../../src/text/hostile.ts';
import { item, NOTHING_UNSEEN, quietFacts, TUESDAY, WEEK } from './facts.ts';

const HOUR = 3_600_000;
const HOURS = { watched: 168, signIns: 168, audits: 168, of: 168 };

function textOf(facts: DigestFacts): string {
  return renderDigest(facts).text.replaceAll(BREAK, '');
}

function numbers(overrides: Partial<DigestFacts['numbers']>): DigestFacts['numbers'] {
  return { ...quietFacts().numbers, ...overrides };
}

const BAD_WEEK = quietFacts({
  numbers: numbers({ serious: { count: 1, open: 1 } }),
  before: numbers({ hours: { ...HOURS, watched: 160 } }),
  happened: [{ name: 'Anna Keller', level: 'high', items: [item()] }],
});

describe('a quiet week', () => {
  it('is at most five lines', () => {
    const facts = quietFacts({
      settled: 2,
      historical: { total: 3, open: 2, seriousOpen: 1 },
      unseen: {
        ...NOTHING_UNSEEN,
        sources: [{ source: 'mailbox-rules', cause: 'no_permission', lastOkAt: null, detail: null }],
      },
    });
    expect(textOf(facts).trimEnd().split('\n')).toEqual([
      'In what we could see, nothing happened that needs you.',
      '0 serious things · leavers 1 of 1 closed · 168 of 168 hours watched.',
      '2 more things were looked into and needed nothing. 2 things were so before we began to watch and are still open, one of them serious.',
      'Not watched: rules in mailboxes (the right for it was not granted).',
      'Next report: Monday 30 November. Muster Bau · week 47 · report 3 · times of Europe/Berlin',
    ]);
  });

  it('says so without reserve only when everything was seen', () => {
    expect(textOf(quietFacts()).split('\n')[0]).toBe('Nothing happened this week that needs you.');
    expect(renderDigest(quietFacts()).subject).toBe('Muster Bau, week 47: nothing that needs you');
  });
});

describe('could not look', () => {
  it.each([
    [
      'sign-ins',
      { watched: 0, signIns: 0, audits: 168, of: 168 },
      'We could not see who signed in this week',
      'we could not see who signed in',
    ],
    [
      'audits',
      { watched: 0, signIns: 168, audits: 0, of: 168 },
      'We could not see what was changed this week',
      'we could not see what was changed',
    ],
    [
      'both',
      { watched: 0, signIns: 0, audits: 0, of: 168 },
      'We could see neither who signed in nor what was changed',
      'we could see neither sign-ins nor changes',
    ],
  ])('is never "all is well": %s', (_, hours, sentence, subject) => {
    const facts = quietFacts({ numbers: numbers({ hours }) });
    expect(textOf(facts)).toContain(sentence);
    expect(textOf(facts)).toContain('so we cannot say that all is well');
    expect(textOf(facts)).not.toContain('Nothing happened');
    expect(renderDigest(facts).subject).toBe(`Muster Bau, week 47: ${subject}`);
  });

  it('stands beside what was found', () => {
    const facts = {
      ...BAD_WEEK,
      numbers: { ...BAD_WEEK.numbers, hours: { watched: 0, signIns: 0, audits: 168, of: 168 } },
    };
    expect(renderDigest(facts).subject).toBe(
      'Muster Bau, week 47: one serious thing, still open; we could not see who signed in',
    );
    expect(textOf(facts)).toContain('One serious thing happened this week, and it is still open.');
  });

  it('says how many hours were watched when some are missing', () => {
    const text = textOf(quietFacts({ numbers: numbers({ hours: { ...HOURS, watched: 120 } }) }));
    expect(text).toContain(
      'In what we could see, nothing happened that needs you. We could watch 120 of the 168 hours.',
    );
  });

  it.each<[string, Partial<DigestFacts['unseen']>, string]>([
    [
      'a source that stopped',
      { sources: [{ source: 'sign-ins', cause: 'credential', lastOkAt: TUESDAY, detail: null }] },
      'Not watched since 17 November 09:41: sign-ins (our own access to Microsoft no longer works).',
    ],
    [
      'a gap that was read later',
      {
        gaps: [
          {
            source: 'sign-ins',
            from: TUESDAY,
            to: TUESDAY + 3.5 * HOUR,
            cause: 'service_down',
            readLater: true,
            detail: null,
          },
        ],
      },
      "Unreadable on Tuesday 09:41–13:11: sign-ins (Microsoft's service was down). We read it later; nothing is missing.",
    ],
    [
      'a gap over two days that was not',
      {
        gaps: [
          {
            source: 'directory-audits',
            from: TUESDAY,
            to: TUESDAY + 24 * HOUR,
            cause: 'not_running',
            readLater: false,
            detail: null,
          },
        ],
      },
      'Unreadable from Tuesday 09:41 to Wednesday 09:41: changes of roles, apps and settings (our program was not running). It has not been read so far.',
    ],
    [
      'mailboxes',
      { mailboxes: [{ source: 'mailbox-rules', cause: 'service_down', count: 3 }] },
      "Not read in 3 mailboxes: rules in mailboxes (Microsoft's service was down).",
    ],
    [
      'a detection that is off',
      {
        detections: [
          {
            title: 'Sign-in by legacy protocol',
            state: 'off',
            lacks: null,
            sources: ['sign-ins'],
            text: null,
          },
        ],
      },
      'We cannot tell about: Sign-in by legacy protocol (it needs sign-ins).',
    ],
    [
      'a detection that is reduced',
      {
        detections: [
          {
            title: 'Global Administrator given',
            state: 'reduced',
            lacks: null,
            sources: ['directory-audits'],
            text: 'seen when roles are read, up to 60 min late',
          },
        ],
      },
      'In part only: Global Administrator given: seen when roles are read, up to 60 min late.',
    ],
    [
      'a detection that lacks a setting',
      {
        detections: [
          { title: 'Sign-in from outside', state: 'off', lacks: 'setting', sources: [], text: null },
        ],
      },
      'We cannot tell about: Sign-in from outside (a setting for it is missing).',
    ],
    ['records that did not parse', { rejected: 2 }, '2 records could not be understood; they are kept.'],
  ])('is told with its cause: %s', (_, unseen, expected) => {
    const facts = { ...BAD_WEEK, unseen: { ...NOTHING_UNSEEN, ...unseen } };
    expect(textOf(facts)).toContain(`What we could not see\n- ${expected}`);
    expect(textOf(quietFacts({ unseen: facts.unseen }))).toContain(expected);
  });

  it('gives what the program said to IT only', () => {
    const unseen = {
      ...NOTHING_UNSEEN,
      sources: [
        {
          source: 'users',
          cause: 'refused' as const,
          lastOkAt: null,
          detail: 'collect users: Graph answered 403',
        },
      ],
    };
    const reader = quietFacts().reader;
    expect(textOf(quietFacts({ unseen, reader: { ...reader, kind: 'technical' } }))).toContain(
      'For IT: collect users: Graph answered 403',
    );
    expect(textOf(quietFacts({ unseen, reader }))).not.toContain('403');
  });
});

describe('what happened', () => {
  it('is told in the order sentence, numbers, stories, next', () => {
    expect(textOf(BAD_WEEK)).toBe(`One serious thing happened this week, and it is still open.

  serious things: 1 (1 open) (last week: 0)
  leavers fully closed: 1 of 1 (last week: 1 of 1)
  hours we could watch: 168 of 168 (last week: 160 of 168)

What happened
- Anna Keller [serious]
    Tuesday 09:41: Anna Keller became Global Administrator. Jonas Berg gave Anna Keller full control. This role can reach every mailbox. Noticed 9 minutes later. Still open. Was this planned?

Next
- Next report: Monday 30 November.

Muster Bau · week 47 · report 3 · times of Europe/Berlin
`);
  });

  it.each<[string, Parameters<typeof item>[0], string, string]>([
    [
      'closed',
      { open: false, closedAt: TUESDAY + 2 * HOUR, closeReason: 'true' },
      'Closed Tuesday 11:41: dealt with.',
      'Still open',
    ],
    [
      'late',
      { at: WEEK.from - 30 * HOUR, late: true },
      'It was on 14 November and could be read only this week.',
      'Noticed',
    ],
    ['repeated', { times: 30 }, 'Seen 30 times.', 'Noticed'],
    ['a state', { life: 'state' }, 'Still open. Was this planned?', 'Noticed'],
    ['expected', { expected: true }, 'This was expected.', 'Still open'],
    ['small', { level: 'low' }, 'Still open.', 'This role can reach every mailbox'],
    ['noticed after days', { seenAt: TUESDAY + 72 * HOUR }, 'Noticed 3 days later.', 'minutes'],
  ])('says how it stands: %s', (_, overrides, expected, absent) => {
    const text = textOf({
      ...BAD_WEEK,
      happened: [{ name: 'Anna Keller', level: 'high', items: [item(overrides)] }],
    });
    expect(text).toContain(expected);
    expect(text).not.toContain(absent);
  });

  it('is cut to what can be read, and says by how much', () => {
    const group = {
      name: 'Anna Keller',
      level: 'high' as const,
      items: Array.from({ length: 7 }, () => item()),
    };
    const text = textOf({
      ...BAD_WEEK,
      happened: Array.from({ length: 20 }, () => group),
      older: { items: [item()], total: 40 },
    });
    expect(text.match(/^- Anna Keller \[serious\]$/gmu)).toHaveLength(8);
    expect(text).toContain('12 more people or things; IT has the list.');
    expect(text).toContain('and 3 more');
    expect(text).toContain('and 39 more.');
  });

  it('names no id where it has no name', () => {
    expect(textOf({ ...BAD_WEEK, happened: [{ name: null, level: 'low', items: [item()] }] })).toContain(
      '- An account we cannot name',
    );
  });

  it.each([
    [1, 0, 'One serious thing happened this week. It is closed.'],
    [3, 0, '3 serious things happened this week. All are closed.'],
    [3, 1, '3 serious things happened this week, and one is still open.'],
    [2, 2, '2 serious things happened this week, and all are still open.'],
  ])('%i serious, %i open', (count, open, expected) => {
    expect(textOf({ ...BAD_WEEK, numbers: numbers({ serious: { count, open } }) }).split('\n')[0]).toBe(
      expected,
    );
  });

  it('tells times in the zone of the reader', () => {
    const reader = { ...BAD_WEEK.reader, timezone: 'America/New_York' };
    expect(textOf({ ...BAD_WEEK, reader })).toContain('Tuesday 03:41: Anna Keller');
  });

  it('tells smaller and older things in the sentence', () => {
    const smaller = quietFacts({ happened: [{ name: 'A', level: 'low', items: [item({ level: 'low' })] }] });
    expect(textOf(smaller).split('\n')[0]).toBe(
      'Nothing serious happened this week; one smaller thing is told below.',
    );
    const older = quietFacts({ older: { items: [item()], total: 1 } });
    expect(textOf(older).split('\n')[0]).toBe(
      'Nothing new happened this week; one older thing is still open.',
    );
    expect(textOf(older)).toContain(
      'Anna Keller became Global Administrator (since 17 November). Was this planned?',
    );
  });
});

describe('the HTML part', () => {
  it('says the same as the text', () => {
    const { html, text } = renderDigest(BAD_WEEK);
    const words = (part: string) => new Set(part.replaceAll(BREAK, '').match(/[\p{L}\p{N}]{3,}/gu));
    const inHtml = words(html.replaceAll('&#8203;', ''));
    expect([...words(text)].filter((word) => !inHtml.has(word))).toEqual([]);
  });

  it('names nothing outside of itself', () => {
    const { html } = renderDigest(BAD_WEEK);
    expect(html).not.toMatch(/https?:|url\(|<img|<a\b|<link|<script|@import|src=|href=/iu);
  });

  it('uses only what Outlook draws: tables and inline style', () => {
    const inline = [...renderDigest(BAD_WEEK).html.matchAll(/style="([^"]*)"/gu)]
      .map((match) => match[1])
      .join(';');
    expect(inline).not.toMatch(/flex|grid|float|position|calc\(|var\(|rem\b|opacity|transform|box-shadow/u);
  });
});
