import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Db } from '../../src/store/database.ts';
import {
  claimMail,
  countOutbox,
  markFailed,
  markRetry,
  markSent,
  queueMail,
  retryMails,
  undeliveredMails,
  type NewOutboxMail,
} from '../../src/store/outbox.ts';
import { listRollups, lastRollupDay, saveRollups } from '../../src/store/rollups.ts';
import { insertReport, lastReport, nextReportNumber } from '../../src/store/reports.ts';
import { testDatabases, type TestDatabase } from './open.ts';

const NOW = Date.UTC(2026, 10, 23, 6);
const MINUTE = 60_000;

function mail(id: string, overrides: Partial<NewOutboxMail> = {}): NewOutboxMail {
  return {
    tenantId: 'tenant-1',
    id,
    channel: 'smtp',
    kind: 'digest',
    recipient: 'gf@muster.example',
    messageId: `<${id}@example.org>`,
    payload: { subject: 's', text: 't', html: '<p>t</p>' },
    reportId: id,
    ...overrides,
  };
}

function claim(db: Db, holder: string, now = NOW) {
  return claimMail(db, 'smtp', now, { holder, now, until: now + 10 * MINUTE });
}

describe.each(testDatabases())('the outbox on $name', ({ name, open }) => {
  let opened: TestDatabase;
  let db: Db;

  beforeEach(async () => {
    opened = await open();
    db = opened.database.db;
  });

  afterEach(() => opened.dispose());

  it('takes a mail once', async () => {
    expect(await queueMail(db, mail('m1'), NOW)).toBe(true);
    expect(await queueMail(db, mail('m1'), NOW + 1)).toBe(false);
    expect(await queueMail(db, mail('m1', { tenantId: 'tenant-2' }), NOW)).toBe(true);
    expect(await countOutbox(db)).toEqual([
      { tenantId: 'tenant-1', status: 'queued', count: 1, oldestAt: NOW },
      { tenantId: 'tenant-2', status: 'queued', count: 1, oldestAt: NOW },
    ]);
  });

  // PGlite mixes up statements of several connections, so there is nothing to learn from it here.
  if (name !== 'pglite') {
    it('gives a mail to one of many at once', async () => {
      for (const id of ['m1', 'm2', 'm3']) await queueMail(db, mail(id), NOW);
      const claims = await Promise.all(Array.from({ length: 8 }, (_, index) => claim(db, `holder-${index}`)));
      expect(claims.map((row) => row?.id ?? '').sort()).toEqual(['', '', '', '', '', 'm1', 'm2', 'm3']);
    });
  }

  it('gives it again when the claim has expired', async () => {
    await queueMail(db, mail('m1'), NOW);
    expect((await claim(db, 'a'))?.message_id).toBe('<m1@example.org>');
    expect(await claim(db, 'b', NOW + 9 * MINUTE)).toBeNull();
    expect((await claim(db, 'b', NOW + 10 * MINUTE))?.message_id).toBe('<m1@example.org>');
  });

  it('keeps a mail for later with why', async () => {
    await queueMail(db, mail('m1'), NOW);
    const row = (await claim(db, 'a'))!;
    expect(await markRetry(db, row, 'a', { error: 'down', nextTryAt: NOW + 5 * MINUTE })).toBe(true);
    expect(await claim(db, 'a', NOW + 4 * MINUTE)).toBeNull();
    expect(await claim(db, 'a', NOW + 5 * MINUTE)).toMatchObject({ id: 'm1', attempts: 1, error: 'down' });
  });

  it('lets only the holder put a mail back or give it up', async () => {
    await queueMail(db, mail('m1'), NOW);
    const row = (await claim(db, 'a'))!;
    await claim(db, 'b', NOW + 10 * MINUTE);
    expect(await markRetry(db, row, 'a', { error: 'x', nextTryAt: NOW })).toBe(false);
    expect(await markFailed(db, row, 'a', 'x')).toBe(false);
    expect(await markSent(db, row, NOW + 11 * MINUTE)).toBe(true);
    expect(await markRetry(db, row, 'b', { error: 'x', nextTryAt: NOW })).toBe(false);
    expect(await undeliveredMails(db)).toEqual([]);
  });

  it('shows what was given up, and tries it again when told', async () => {
    await queueMail(db, mail('m1'), NOW);
    await markFailed(db, (await claim(db, 'a'))!, 'a', 'no such user');
    expect(await claim(db, 'a', NOW + 1_000 * MINUTE)).toBeNull();
    expect(await undeliveredMails(db)).toMatchObject([
      { id: 'm1', status: 'failed', error: 'no such user', attempts: 1 },
    ]);
    expect(await retryMails(db, NOW + MINUTE)).toBe(1);
    expect(await claim(db, 'a', NOW + MINUTE)).toMatchObject({ id: 'm1' });
  });

  it('takes only mails of its channel', async () => {
    await queueMail(db, mail('m1', { channel: 'webhook' }), NOW);
    expect(await claim(db, 'a')).toBeNull();
  });

  it('numbers reports by reader and keeps one per period', async () => {
    const key = { tenantId: 'tenant-1', recipient: 'gf@muster.example', kind: 'digest' };
    const row = {
      tenant_id: 'tenant-1',
      kind: 'digest',
      recipient: key.recipient,
      facts: '{}',
      created_at: NOW,
    };
    expect(await nextReportNumber(db, key)).toBe(1);
    expect(await insertReport(db, { ...row, id: 'r1', number: 1, period_from: 0, period_to: 7 })).toBe(true);
    expect(await insertReport(db, { ...row, id: 'r2', number: 2, period_from: 0, period_to: 7 })).toBe(false);
    expect(await insertReport(db, { ...row, id: 'r2', number: 2, period_from: 7, period_to: 14 })).toBe(true);
    expect(await nextReportNumber(db, key)).toBe(3);
    expect(await nextReportNumber(db, { ...key, recipient: 'other' })).toBe(1);
    expect(await lastReport(db, key)).toMatchObject({ id: 'r2', period_to: 14 });
  });

  it('keeps the last count of a day', async () => {
    await saveRollups(db, 'tenant-1', [{ day: '2026-11-16', name: 'hours.watched', value: 20 }]);
    await saveRollups(db, 'tenant-1', [{ day: '2026-11-16', name: 'hours.watched', value: 24 }]);
    expect(await lastRollupDay(db, 'tenant-1')).toBe('2026-11-16');
    expect(await lastRollupDay(db, 'tenant-2')).toBeNull();
    expect(await listRollups(db, 'tenant-1', '2026-11-01', '2026-11-30')).toEqual([
      { day: '2026-11-16', name: 'hours.watched', value: 24 },
    ]);
  });
});
