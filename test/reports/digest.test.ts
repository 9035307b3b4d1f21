import { describe, expect, it } from 'vitest';
import { renderDigest } from '../../src/reports/digest.ts';
import type { Decision, DigestFacts } from '../../src/reports/facts.ts';
import { BREAK } from '../../src/text/hostile.ts';
import { item, NOTHING_UNSEEN, quietFacts, TUESDAY, WEEK } from './facts.ts';

const HOUR = 3_600_000;
const HOURS = { watched: 168, signIns: 168, audits: 168, of: 168, without: [] };

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

const DECISION: Decision = {
  alertId: 'alert-1',
  about: 'Anna Keller became Global Administrator',
  question: 'Was this planned?',
  yes: 'nothing to do',
  no: 'IT takes the role away',
  owner: 'Ali Demir',
  dueAt: Date.parse('2026-11-24T00:00:00+01:00'),
};

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
      '0 serious incidents · leavers 1 of 1 closed · hours watched: 168 of 168.',
      '2 more things were looked into and needed nothing. 2 things from before we began to watch are still open, one of them serious.',
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
      { watched: 0, signIns: 0, audits: 168, of: 168, without: [] },
      'We could not see who signed in this week',
      'we could not see who signed in',
    ],
    [
      'audits',
      { watched: 0, signIns: 168, audits: 0, of: 168, without: [] },
      'We could not see what was changed this week',
      'we could not see what was changed',
    ],
    [
      'both',
      { watched: 0, signIns: 0, audits: 0, of: 168, without: [] },
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
      numbers: { ...BAD_WEEK.numbers, hours: { watched: 0, signIns: 0, audits: 168, of: 168, without: [] } },
    };
    expect(renderDigest(facts).subject).toBe(
      'Muster Bau, week 47: one serious incident, still open; we could not see who signed in',
    );
    expect(textOf(facts)).toContain('One serious incident this week, still open: Anna Keller.');
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
      'We cannot tell about: Sign-in by legacy protocol (for want of sign-ins).',
    ],
    [
      'more detections that are off for one reason than a line can name',
      {
        detections: Array.from({ length: 9 }, (_, index) => ({
          title: `Imported ${index}`,
          state: 'off' as const,
          lacks: null,
          sources: ['risk-detections'],
          text: null,
        })),
      },
      '9 checks are off (for want of risk detections).',
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
    const technical = { ...facts, reader: { ...facts.reader, kind: 'technical' as const } };
    expect(textOf(technical)).toContain(`What we could not see\n- ${expected}`);
    if (unseen.detections !== undefined) return;
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
    const asked = { ...BAD_WEEK, decisions: { items: [DECISION], total: 3 } };
    expect(textOf(asked))
      .toBe(`One serious incident this week, still open: Anna Keller. We need one decision from you.

  serious incidents: 1 (1 open) (last week: 0)
  leavers fully closed: 1 of 1 (last week: 1 of 1)
  hours we could watch: 168 of 168 (last week: 160 of 168)

What happened
- Anna Keller [serious, open]
    Tuesday 09:41: Jonas Berg gave Anna Keller full control. This role can reach every mailbox. Noticed 9 minutes later.

Please decide
1. Anna Keller became Global Administrator.
    Was this planned? Yes: nothing to do. No: IT takes the role away.
    Owner: Ali Demir, by Tuesday 24 November.
- 2 more questions wait with IT.

People
- One left (closed).

What we could not see
- Everything that we watch was read.

Next
- Next report: Monday 30 November.

Muster Bau · week 47 · report 3 · times of Europe/Berlin
`);
  });

  it.each<[string, Parameters<typeof item>[0], string, string]>([
    [
      'closed',
      { open: false, closedAt: TUESDAY + 2 * HOUR, closeReason: 'true' },
      'Closed Tuesday 11:41, after 2 hours: dealt with.',
      'Still open',
    ],
    [
      'late',
      { at: WEEK.from - 30 * HOUR, late: true },
      'It was on 14 November and could be read only this week.',
      'Noticed',
    ],
    ['repeated', { times: 30 }, 'Seen 30 times.', 'Noticed'],
    ['a state', { life: 'state' }, '[serious, open]', 'Noticed'],
    ['expected', { expected: true }, 'This was expected.', 'Still open'],
    ['small', { level: 'low' }, 'full control.', 'This role can reach every mailbox'],
    ['noticed after days', { seenAt: TUESDAY + 72 * HOUR }, 'Noticed 3 days later.', 'minutes'],
  ])('says how it stands: %s', (_, overrides, expected, absent) => {
    const text = textOf({
      ...BAD_WEEK,
      happened: [{ name: 'Anna Keller', level: 'high', items: [item(overrides)] }],
    });
    expect(text).toContain(expected);
    expect(text).not.toContain(absent);
  });

  it('is cut to what IT can read in a mail, and says by how much', () => {
    const items = Array.from({ length: 13 }, () => item());
    const group = { name: 'Anna Keller', level: 'high' as const, items };
    const text = textOf({
      ...BAD_WEEK,
      reader: { ...BAD_WEEK.reader, kind: 'technical' },
      happened: Array.from({ length: 42 }, () => group),
      older: { items: [item()], total: 40 },
    });
    expect(text.match(/^- Anna Keller \[serious, open\]$/gmu)).toHaveLength(30);
    expect(text).toContain('And 12 more people or things, with IT.');
    expect(text).toContain('And 3 smaller things, with IT.');
    expect(text).toContain('And 39 smaller things, with IT.');
    expect(text).toContain('Anna Keller became Global Administrator (since 17 November). Was this planned?');
  });

  it('names no id where it has no name', () => {
    expect(textOf({ ...BAD_WEEK, happened: [{ name: null, level: 'low', items: [item()] }] })).toContain(
      '- An account we cannot name',
    );
  });

  it.each([
    [1, 0, 'One serious incident this week, closed: Anna Keller.'],
    [3, 0, '3 serious incidents this week, all closed.'],
    [3, 1, '3 serious incidents this week, 1 still open.'],
    [2, 2, '2 serious incidents this week, all still open.'],
  ])('%i serious, %i open', (count, open, expected) => {
    expect(textOf({ ...BAD_WEEK, numbers: numbers({ serious: { count, open } }) }).split('\n')[0]).toBe(
      expected,
    );
  });

  it('tells times in the zone of the reader', () => {
    const reader = { ...BAD_WEEK.reader, timezone: 'America/New_York' };
    expect(textOf({ ...BAD_WEEK, reader })).toContain('Tuesday 03:41: Jonas Berg');
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
    expect(textOf(older)).toContain('One thing from before is still open, since 17 November.');
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
