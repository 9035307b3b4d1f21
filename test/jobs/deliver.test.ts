import { simpleParser } from 'mailparser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { backOffMs } from '../../src/channels/outbox.ts';
import { openSmtp } from '../../src/channels/smtp.ts';
import { ManualClock } from '../../src/clock.ts';
import { deliver } from '../../src/jobs/deliver.ts';
import { openDatabase } from '../../src/store/database.ts';
import { countOutbox, queueMail, undeliveredMails } from '../../src/store/outbox.ts';
import {
  smtpError,
  startMailServer,
  type MailServer,
  type MailServerOptions,
} from '../channels/mail-server.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';

const NOW = Date.UTC(2026, 10, 23, 6);
const MINUTE = 60_000;
const SQLITE = testDatabases()[0]!;

let opened: TestDatabase;
let clock: ManualClock;
const closers: (() => unknown)[] = [];

beforeEach(async () => {
  opened = await SQLITE.open();
  clock = new ManualClock(NOW);
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  await opened.dispose();
});

async function start(options: MailServerOptions = {}): Promise<MailServer> {
  const server = await startMailServer(options);
  closers.push(() => server.close());
  return server;
}

function run(
  server: MailServer,
  holder = 'deliver-1',
  observe = (_: string): void => undefined,
  database = opened.database,
) {
  const channel = openSmtp({
    server: server.server,
    from: 'watch@example.org',
    caPem: server.caPem,
    observe,
  });
  closers.push(() => channel.close());
  return deliver({ database, channel, clock, holder });
}

async function queue(...ids: string[]): Promise<void> {
  for (const id of ids) {
    await queueMail(
      opened.database.db,
      {
        tenantId: 'tenant-1',
        id,
        channel: 'smtp',
        kind: 'digest',
        recipient: `${id}@muster.example`,
        messageId: `<${id}@example.org>`,
        payload: { subject: `subject of ${id}`, text: 't', html: '<p>t</p>' },
        reportId: null,
      },
      NOW,
    );
  }
}

async function messageIds(server: MailServer): Promise<(string | undefined)[]> {
  return Promise.all(server.received.map(async (mail) => (await simpleParser(mail.raw)).messageId));
}

it('sends each mail once, to one recipient each, and nothing on a second run', async () => {
  await queue('a', 'b');
  const server = await start();
  expect(await run(server)).toMatchObject({ sent: 2, retry: 0, failed: 0, waiting: 0 });
  expect(await run(server)).toMatchObject({ sent: 0, waiting: 0 });
  expect(server.received.map((mail) => mail.to)).toEqual([['a@muster.example'], ['b@muster.example']]);
  expect(await countOutbox(opened.database.db)).toMatchObject([{ status: 'sent', count: 2 }]);
});

describe('a mail server that is down', () => {
  it('costs no mail: the outbox keeps it, waits longer each time, and sends it when the server is back', async () => {
    await queue('a');
    const down = await startMailServer();
    await down.close();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 7; attempt += 1) {
      expect(await run(down)).toMatchObject({ sent: 0, retry: 1, failed: 0, waiting: 1 });
      expect(await run(down)).toMatchObject({ retry: 0, waiting: 1 });
      const [row] = await undeliveredMails(opened.database.db);
      expect(row?.error).toContain('refused the connection');
      waits.push((row!.next_try_at - clock.now()) / MINUTE);
      clock.advanceTo(row!.next_try_at);
    }
    expect(waits).toEqual([1, 5, 15, 60, 60, 60, 60]);
    expect(await run(await start())).toMatchObject({ sent: 1, waiting: 0 });
  });

  it('is not asked for every mail that waits', async () => {
    await queue('a', 'b', 'c', 'd', 'e', 'f');
    const server = await start({ onMailFrom: (_a, _s, done) => done(smtpError(451, '4.3.0 later')) });
    expect(await run(server)).toMatchObject({ retry: 3, waiting: 6 });
    expect(server.connections()).toBe(3);
  });
});

describe('a refusal', () => {
  it('for good gives up that mail, shows why, and holds up no other', async () => {
    await queue('a', 'b');
    const server = await start({
      onRcptTo: (address, _s, done) =>
        done(address.address.startsWith('a@') ? smtpError(550, '5.1.1 unknown') : null),
    });
    expect(await run(server)).toMatchObject({ sent: 1, retry: 0, failed: 1, waiting: 0 });
    expect(await undeliveredMails(opened.database.db)).toMatchObject([
      {
        id: 'a',
        status: 'failed',
        error: expect.stringContaining('refused the recipient (550 5.1.1 unknown)') as string,
      },
    ]);
  });

  it('for now is tried again under the same Message-ID', async () => {
    await queue('a');
    const server = await start({
      afterData: (_mail, count) => {
        if (count === 1) throw smtpError(451, '4.7.1 greylisted');
      },
    });
    expect(await run(server)).toMatchObject({ sent: 0, retry: 1 });
    clock.advanceTo(NOW + MINUTE);
    expect(await run(server)).toMatchObject({ sent: 1 });
    expect(await messageIds(server)).toEqual(['<a@example.org>']);
  });
});

describe('a repeat', () => {
  it('after the connection broke behind the mail carries the same Message-ID', async () => {
    await queue('a');
    const server = await start({ afterData: (_mail, count) => (count === 1 ? 'cut' : undefined) });
    expect(await run(server)).toMatchObject({ sent: 0, retry: 1 });
    clock.advanceTo(NOW + MINUTE);
    expect(await run(server)).toMatchObject({ sent: 1 });
    expect(await messageIds(server)).toEqual(['<a@example.org>', '<a@example.org>']);
    expect(
      new Set(server.received.map((mail) => mail.raw.replace(/--_NmP-[^\s"]+|boundary="[^"]+"/gu, ''))).size,
    ).toBe(1);
  });

  it.each([
    ['smtp:send', 0],
    ['smtp:sent', 1],
  ])('after a crash at %s waits for the claim to expire, and no mail is lost', async (point, before) => {
    await queue('a');
    const server = await start();
    const crash = (operation: string): void => {
      if (operation === point) throw new Error('crash');
    };
    await expect(run(server, 'crashed', crash)).rejects.toThrow('crash');
    expect(server.received).toHaveLength(before);
    expect(await run(server)).toMatchObject({ sent: 0, waiting: 1 });
    clock.advanceTo(NOW + 10 * MINUTE);
    expect(await run(server)).toMatchObject({ sent: 1, waiting: 0 });
    expect(new Set(await messageIds(server))).toEqual(new Set(['<a@example.org>']));
    expect(server.received).toHaveLength(before + 1);
  });
});

it('two deliverers at once send one mail each time', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `m${index}`);
  await queue(...ids);
  const server = await start();
  const other = await openDatabase(opened.url, { now: NOW });
  closers.push(() => other.close());
  const [one, two] = await Promise.all([run(server, 'one'), run(server, 'two', undefined, other)]);
  expect(one.sent + two.sent).toBe(12);
  expect((await messageIds(server)).sort()).toEqual(ids.map((id) => `<${id}@example.org>`).sort());
});

it('waits 1, 5, 15, 60 minutes and then every hour', () => {
  expect([0, 1, 2, 3, 4, 400].map((attempts) => backOffMs(attempts) / MINUTE)).toEqual([
    1, 5, 15, 60, 60, 60,
  ]);
});
