import type { Clock } from '../clock.ts';
import { DeliveryError } from '../errors.ts';
import type { Db } from '../store/database.ts';
import {
  claimMail,
  markFailed,
  markRetry,
  markSent,
  type OutboxPayload,
  type OutboxRow,
} from '../store/outbox.ts';
import type { Channel } from './channel.ts';

const MINUTE_MS = 60_000;
/** Longer than one SMTP conversation may last (time-outs of `smtp.ts`); after it another deliverer may take the mail. */
const CLAIM_MS = 10 * MINUTE_MS;
/** Waits after the first, second … failed attempt; the last one repeats for ever, since no mail is dropped. */
const BACK_OFF_MS = [1, 5, 15, 60].map((minutes) => minutes * MINUTE_MS);
/** So many failures in a row mean that the server is the trouble: the rest waits for the next run. */
const GIVE_UP_AFTER = 3;

/** How one mail fared. */
export interface Attempt {
  readonly tenantId: string;
  readonly id: string;
  readonly recipient: string;
  readonly result: 'sent' | 'retry' | 'failed';
  /** Null when sent. */
  readonly error: string | null;
  /** When a retry is due, UTC epoch ms. */
  readonly nextTryAt: number | null;
}

export interface Sender {
  readonly db: Db;
  readonly channel: Channel;
  readonly clock: Clock;
  /** Names this deliverer in claims; two at once need two names. */
  readonly holder: string;
}

/**
 * Sends what is due at `dueAt`: claim, send, mark. A crash between sending and marking leaves the claim to expire, and the
 * mail goes again under the same Message-ID. Anything but a `DeliveryError` is passed on, with the claim standing.
 */
export async function sendDue(sender: Sender, dueAt: number): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  let failures = 0;
  while (failures < GIVE_UP_AFTER) {
    const now = sender.clock.now();
    const claim = { holder: sender.holder, now, until: now + CLAIM_MS };
    const row = await claimMail(sender.db, sender.channel.name, dueAt, claim);
    if (row === null) break;
    const attempt = await sendOne(sender, row);
    attempts.push(attempt);
    failures = attempt.result === 'retry' ? failures + 1 : 0;
  }
  return attempts;
}

async function sendOne(sender: Sender, row: OutboxRow): Promise<Attempt> {
  const base = { tenantId: row.tenant_id, id: row.id, recipient: row.recipient };
  try {
    await sender.channel.send(toMail(row));
  } catch (error) {
    if (!(error instanceof DeliveryError)) throw error;
    return { ...base, ...(await keep(sender, row, error)) };
  }
  await markSent(sender.db, row, sender.clock.now());
  return { ...base, result: 'sent', error: null, nextTryAt: null };
}

function toMail(row: OutboxRow): Parameters<Channel['send']>[0] {
  const payload = JSON.parse(row.payload) as OutboxPayload;
  return { ...payload, messageId: row.message_id, recipient: row.recipient, writtenAt: row.created_at };
}

async function keep(
  sender: Sender,
  row: OutboxRow,
  error: DeliveryError,
): Promise<Pick<Attempt, 'result' | 'error' | 'nextTryAt'>> {
  if (error.permanent) {
    await markFailed(sender.db, row, sender.holder, error.message);
    return { result: 'failed', error: error.message, nextTryAt: null };
  }
  const nextTryAt = sender.clock.now() + backOffMs(row.attempts);
  await markRetry(sender.db, row, sender.holder, { error: error.message, nextTryAt });
  return { result: 'retry', error: error.message, nextTryAt };
}

/** ms to wait after an attempt that followed `attempts` others. */
export function backOffMs(attempts: number): number {
  return BACK_OFF_MS[Math.min(attempts, BACK_OFF_MS.length - 1)] ?? MINUTE_MS;
}
