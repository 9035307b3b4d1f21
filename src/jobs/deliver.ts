import type { Channel } from '../channels/channel.ts';
import { sendDue, type Attempt } from '../channels/outbox.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../store/database.ts';
import { countOutbox } from '../store/outbox.ts';

export interface DeliverJob {
  readonly database: Database;
  readonly channel: Channel;
  /** Mails due at this time are sent; UTC epoch ms. Default: the clock's. */
  readonly now?: number;
  /** Names this process in claims. */
  readonly holder: string;
  readonly clock: Clock;
}

export interface DeliverOutcome {
  readonly sent: number;
  /** Tried, to be tried again. */
  readonly retry: number;
  /** Refused for good. */
  readonly failed: number;
  /** Still in the outbox afterwards, tried or not. */
  readonly waiting: number;
  readonly attempts: readonly Attempt[];
}

/** Sends every mail that is due. Safe to run twice and by several at once. */
export async function deliver(job: DeliverJob): Promise<DeliverOutcome> {
  const sender = { db: job.database.db, channel: job.channel, clock: job.clock, holder: job.holder };
  const attempts = await sendDue(sender, job.now ?? job.clock.now());
  const count = (result: Attempt['result']): number => attempts.filter((one) => one.result === result).length;
  const queued = (await countOutbox(job.database.db)).filter((row) => row.status === 'queued');
  return {
    sent: count('sent'),
    retry: count('retry'),
    failed: count('failed'),
    waiting: queued.reduce((sum, row) => sum + row.count, 0),
    attempts,
  };
}
