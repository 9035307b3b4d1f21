import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { loadCatalogue, shippedDetections } from '../../src/detection/catalogue.ts';
import { detect } from '../../src/jobs/detect.ts';
import { HOUR, MINUTE } from './simulated.ts';
import type { Refusal, Stage } from './refusal.ts';

/** A digest waits in the outbox; the recipient tells this row's mail from all others. */
async function writeDigest(stage: Stage): Promise<void> {
  await stage.collect();
  const run = await stage.run(['digest', '--force']);
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(stage.rows('SELECT status FROM outbox')).toEqual([{ status: 'queued' }]);
}

function mailOf(name: string): () => Record<string, string> {
  return () => ({ TENANTWATCH_RECIPIENTS: recipientOf(name) });
}

function recipientOf(name: string): string {
  return `${name}@muster-bau.example`;
}

/** The server is up again: the mail goes out with the next `deliver`, and not a second time with the one after. */
async function isSentOnce(stage: Stage, name: string, argv: readonly string[]): Promise<void> {
  const { simulated } = stage;
  const received = async () => {
    const mails = (await simulated.mails()).filter((mail) => mail.envelope.to.includes(recipientOf(name)));
    return mails.map((mail) => mail.message_id);
  };
  expect(await received()).toEqual([]);
  const [kept] = stage.rows('SELECT message_id, sent_at FROM outbox');
  expect(kept).toMatchObject({ sent_at: null });
  await simulated.mailServer('up');
  await simulated.advance(5 * MINUTE);
  expect(await stage.run(argv)).toMatchObject({
    code: 0,
    stdout: 'sent 1, to be tried again 0, refused 0\n',
  });
  await simulated.advance(2 * HOUR);
  expect(await stage.run(argv)).toMatchObject({
    code: 0,
    stdout: 'sent 0, to be tried again 0, refused 0\n',
  });
  expect(await received()).toEqual([kept?.['message_id']]);
}

function brokenMailServer(mode: string): (stage: Stage) => Promise<void> {
  return async (stage) => {
    await writeDigest(stage);
    await stage.simulated.mailServer(mode);
  };
}

const mails: Refusal[] = [
  {
    name: 'a mail server that is down',
    options: mailOf('down'),
    arrange: brokenMailServer('refuse'),
    argv: ['deliver'],
    exit: 1,
    says: [
      'sent 0, to be tried again 1, refused 0',
      'down@muster-bau.example (again at <time>): send mail to down@muster-bau.example: mail server localhost:<port> refused the connection; check host and port in SMTP_URL, and that it runs; the mail is kept and tried again',
    ],
    after: (stage) => isSentOnce(stage, 'down', ['deliver']),
  },
  {
    name: 'a mail server that wants to be asked later (451)',
    options: mailOf('later'),
    arrange: brokenMailServer('tempfail'),
    argv: ['deliver'],
    exit: 1,
    says: [
      'sent 0, to be tried again 1, refused 0',
      'later@muster-bau.example (again at <time>): send mail to later@muster-bau.example: mail server localhost:<port> did not take the mail (451 4.3.2 System not accepting messages, try later); nothing but waiting helps; the mail is kept and tried again',
    ],
    after: (stage) => isSentOnce(stage, 'later', ['deliver']),
  },
  {
    name: 'a mail server that refuses the mail (550)',
    options: mailOf('never'),
    arrange: brokenMailServer('reject'),
    argv: ['deliver'],
    exit: 1,
    says: [
      'sent 0, to be tried again 0, refused 1',
      'never@muster-bau.example (refused): send mail to never@muster-bau.example: mail server localhost:<port> refused the mail (550 5.7.1 Message refused); ask who runs the mail server, then run `tenantwatch deliver --retry`',
    ],
    async after(stage) {
      const status = await stage.run(['status']);
      expect(status.code).toBe(1);
      expect(status.stdout).toContain("problem: 1 mail was refused for good; see 'tenantwatch deliver'.");
      await isSentOnce(stage, 'never', ['deliver', '--retry']);
    },
  },
  {
    name: 'a mail server without the TLS that was asked for',
    options: (stage) => ({
      ...mailOf('tls')(),
      TENANTWATCH_SMTP_URL: stage.simulated.ready.smtp.url.replace('smtp:', 'smtps:'),
    }),
    arrange: writeDigest,
    argv: ['deliver'],
    exit: 1,
    says: [
      'sent 0, to be tried again 1, refused 0',
      'tls@muster-bau.example (again at <time>): send mail to tls@muster-bau.example: mail server localhost:<port> could not be spoken to over TLS (<openssl>); use a server with TLS 1.2 and a valid certificate, or name its authority in CA_FILE; the mail is kept and tried again',
    ],
    after(stage) {
      Object.assign(stage.environment, { TENANTWATCH_SMTP_URL: stage.simulated.ready.smtp.url });
      return isSentOnce(stage, 'tls', ['deliver']);
    },
  },
];

const machine: Refusal[] = [
  {
    name: 'a detection file that is broken',
    async arrange(stage) {
      await stage.collect();
      const folder = join(stage.folder, 'detections');
      cpSync(shippedDetections, folder, { recursive: true });
      const file = join(folder, 'sign-ins', 'legacy-protocol-sign-in.yml');
      writeFileSync(file, readFileSync(file, 'utf8').replace(/^level: .*$/m, 'level: dreadful'));
    },
    argv: ['detections', 'test', 'detections'],
    exit: 1,
    says: [
      "sign-ins/legacy-protocol-sign-in.yml:4:1: level 'dreadful' is not one of informational, low, medium, high, critical",
      /^\d+ detections, \d+ cases, 0 failed$/,
    ],
    async after(stage) {
      const { simulated, tenant, folder } = stage;
      const catalogue = await loadCatalogue(join(folder, 'detections'));
      const runtime = await simulated.open(simulated.config([tenant], folder));
      try {
        await detect({
          database: runtime.database,
          catalogue,
          tenantId: tenant.id,
          now: runtime.clock.now(),
        });
      } finally {
        await runtime.close();
      }
      const found = stage.rows('SELECT DISTINCT detection_id FROM alert').map((row) => row['detection_id']);
      const names = found.map((id) => catalogue.byId.get(String(id))?.catalogue).toSorted();
      expect(names).toEqual(
        expect.arrayContaining(['LC-11', 'LC-16', 'MB-01', 'MB-02', 'RL-01', 'RL-02', 'SI-02']),
      );
      expect(names).not.toContain('SI-29');
    },
  },
  {
    name: 'a database that a newer program wrote',
    async arrange(stage) {
      await stage.collect();
      stage.write(`INSERT INTO schema_version (name, hash, applied_at) VALUES ('9001_later', 'x', 0)`);
    },
    argv: ['status'],
    exit: 1,
    says: [
      'tenantwatch: open database: it was written by a newer tenantwatch (9001_later); update the program, or open another database',
    ],
  },
  {
    name: 'an option that does not exist',
    options: () => ({ TENANTWATCH_ALOWED_COUNTRIES: 'DE' }),
    argv: ['collect'],
    exit: 2,
    says: [
      'tenantwatch: configuration: 1 problem',
      '- TENANTWATCH_ALOWED_COUNTRIES (environment) is not an option; the nearest one is TENANTWATCH_ALLOWED_COUNTRIES.',
    ],
  },
];

export const refusalsAtHome: readonly Refusal[] = [...mails, ...machine];
