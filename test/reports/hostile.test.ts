import { simpleParser } from 'mailparser';
import { expect, it } from 'vitest';
import { openSmtp } from '../../src/channels/smtp.ts';
import { renderDigest } from '../../src/reports/digest.ts';
import { renderFirstLook } from '../../src/reports/first-look.ts';
import type { DigestFacts, Item } from '../../src/reports/facts.ts';
import { cleanWord } from '../../src/text/hostile.ts';
import { fillTemplate } from '../../src/text/template.ts';
import { startMailServer } from '../channels/mail-server.ts';
import { hostileNames } from '../text/hostile-names.ts';
import { firstLookFacts } from './busy.ts';
import { item, quietFacts } from './facts.ts';

/** As many as a mail prints: eight people with four things each. */
const NAMES_IN_A_MAIL = 32;
const THINGS_OF_ONE = 4;

/** A week in which every name is someone's, in a title, a sentence, an error and the firm's name. */
function facts(names: readonly string[], language = 'en'): DigestFacts {
  return quietFacts({
    tenant: { id: 't', name: cleanWord(names[0] ?? '') },
    reader: { kind: 'technical', language, timezone: 'Europe/Berlin' },
    happened: names
      .filter((_, index) => index % THINGS_OF_ONE === 0)
      .map((name, index) => ({
        name: cleanWord(name) || null,
        level: 'high',
        items: names.slice(index * THINGS_OF_ONE, (index + 1) * THINGS_OF_ONE).map(itemAbout),
      })),
    older: { items: [item({ title: cleanWord(names[1] ?? '') })], total: 1 },
    decisions: {
      items: names.slice(0, 3).map((name) => ({
        alertId: 'a',
        about: name,
        question: name,
        yes: name,
        no: name,
        owner: name,
        dueAt: 0,
      })),
      total: 3,
    },
    people: {
      joined: { count: 0, complete: 0 },
      left: { count: 1, open: [{ name: names[5] ?? '', items: 1 }] },
    },
    unseen: {
      sources: [{ source: 'users', cause: 'failed', lastOkAt: null, detail: cleanWord(names[2] ?? '') }],
      gaps: [],
      mailboxes: [],
      detections: [
        {
          title: cleanWord(names[3] ?? ''),
          state: 'reduced',
          lacks: null,
          sources: [],
          text: cleanWord(names[4] ?? ''),
        },
      ],
      rejected: 0,
    },
  });
}

function itemAbout(name: string): Item {
  const title = fillTemplate('{subject} became administrator', { subject: name }, '(unknown)');
  // Not cleaned: what renders must not rely on what gathers.
  return item({ title, what: name, ask: name });
}

/** Tags with their attributes, in order: what markup a mail consists of. `title` of names is text and not in it. */
function skeleton(html: string): string[] {
  return html.match(/<[!/a-z][^>]*>/giu) ?? [];
}

/** What is left to a client that draws the HTML: its text. */
function visible(html: string): string {
  return html
    .replace(/<style>[\s\S]*?<\/style>/gu, '')
    .replace(/<[^>]*>/gu, ' ')
    .replace(/&#(\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}

/** Links that a mail client finds in plain text, by mailparser's linkifier. */
async function linksIn(text: string): Promise<string[]> {
  const mail = await simpleParser(
    `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(text).toString('base64')}`,
  );
  return (mail.textAsHtml ?? '').match(/<a [^>]*>/gu) ?? [];
}

it('the linkifier of this test finds links in the raw names', async () => {
  const found = await Promise.all(hostileNames(50).map(async (name) => (await linksIn(name)).length));
  expect(found.filter((count) => count > 0).length).toBeGreaterThan(8);
});

/** Where a table program would take what follows for a formula; a line of ours that begins so is a list's `- `. */
const FORMULA = /^[=+@\t|]\S|^-\S/u;

/** Cells and lines whose first character is a name's, as someone would paste them into a table. */
function formulas(mail: {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}): string[] {
  const cells = mail.html.split(/<[^>]*>/u).map((cell) => visible(cell).trim());
  return [mail.subject, ...mail.text.split('\n'), ...cells].filter((text) => FORMULA.test(text));
}

it('the 2,000 names are as many', () => {
  expect(new Set(hostileNames(2_016)).size).toBeGreaterThan(1_900);
});

it.each(['en', 'de'])(
  '2,000 hostile names are nowhere markup, header, formula or live link, in what a mail server received in %s',
  async (language) => {
    const names = hostileNames(2_016);
    const nobody = Array.from({ length: NAMES_IN_A_MAIL }, () => 'Anna');
    const benign = skeleton(renderDigest(facts(nobody, language)).html);
    const server = await startMailServer();
    const channel = openSmtp({ server: server.server, from: 'watch@example.org', caPem: server.caPem });
    const sent: Promise<void>[] = [];
    for (let at = 0; at < names.length; at += NAMES_IN_A_MAIL) {
      const mail = renderDigest(facts(names.slice(at, at + NAMES_IN_A_MAIL), language));
      const messageId = `<m${at}@example.org>`;
      sent.push(channel.send({ ...mail, messageId, recipient: 'gf@muster.example', writtenAt: 0 }));
    }
    await Promise.all(sent);
    channel.close();
    await server.close();
    expect(server.received).toHaveLength(names.length / NAMES_IN_A_MAIL);
    for (const received of server.received) {
      expect(received.to).toEqual(['gf@muster.example']);
      const mail = await simpleParser(received.raw);
      expect([...mail.headers.keys()].sort()).toEqual(HEADERS);
      expect(mail.attachments).toEqual([]);
      const html = String(mail.html);
      expect(skeleton(html)).toEqual(benign);
      expect(html.replace(/<[!/a-z][^>]*>/giu, '')).not.toMatch(/[<>]/u);
      expect(await linksIn([mail.text, visible(html), mail.subject].join('\n'))).toEqual([]);
      expect(mail.text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u2028]/u);
      expect(mail.text).not.toMatch(/\+?\d[\d ()./-]{7,}\d/u);
      expect(formulas({ subject: mail.subject ?? '', text: mail.text ?? '', html })).toEqual([]);
    }
  },
  15_000,
);

const HEADERS = [
  'auto-submitted',
  'content-type',
  'date',
  'from',
  'message-id',
  'mime-version',
  'subject',
  'to',
  'x-auto-response-suppress',
];

it.each(['en', 'de'])(
  '2,000 hostile names are nowhere markup, formula or live link in a first look in %s',
  async (language) => {
    function look(name: (index: number) => string) {
      const facts = firstLookFacts(language);
      const [kind] = facts.open.kinds;
      const kinds = Array.from({ length: 10 }, (_, at) => ({
        ...kind!,
        examples: [0, 1, 2].map((index) => ({ alertId: 'a', title: name(at * 3 + index), at: 0 })),
      }));
      return renderFirstLook({
        ...facts,
        tenant: { ...facts.tenant, name: cleanWord(name(0)) },
        open: { ...facts.open, kinds },
      });
    }
    const names = hostileNames(2_010);
    const benign = skeleton(look(() => 'Anna').html);
    for (let at = 0; at < names.length; at += 30) {
      const mail = look((index) => names[at + index] ?? '');
      expect(skeleton(mail.html)).toEqual(benign);
      expect(mail.html.replace(/<[!/a-z][^>]*>/giu, '')).not.toMatch(/[<>]/u);
      expect(mail.subject).not.toMatch(/[\r\n]/u);
      expect(await linksIn([mail.text, visible(mail.html), mail.subject].join('\n'))).toEqual([]);
      expect(formulas(mail)).toEqual([]);
    }
  },
);
