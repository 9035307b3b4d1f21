import type { Clock } from '../clock.ts';
import { GraphError } from '../errors.ts';
import { isTransient } from './errors.ts';

/** What to do with an error: give up, or wait (`afterMs`: as long as the service asked, if it did) and repeat. */
export type Verdict = { readonly retry: false } | { readonly retry: true; readonly afterMs: number | null };

export interface Wait {
  readonly error: unknown;
  readonly waitMs: number;
  /** Attempts made so far, from 1. */
  readonly attempt: number;
}

export interface RetryOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  /** ms of the clock from the first attempt; a wait that would end later is not begun. Default 15 min. */
  readonly budgetMs?: number | undefined;
  /** In [0, 1); seeded where runs must repeat. */
  readonly random: () => number;
  /** Called before each wait. */
  readonly onWait?: ((wait: Wait) => void | Promise<void>) | undefined;
  /** Default: GraphErrors that are transient; everything else is given up. */
  readonly judge?: ((error: unknown) => Verdict) | undefined;
}

const DEFAULT_BUDGET_MS = 15 * 60_000;
/** Exponential back-off with full jitter: up to 1, 2, 4 … 60 s, at most this often without being told how long. */
const BASE_MS = 1_000;
const LONGEST_MS = 60_000;
const MOST_BACK_OFFS = 8;

/** How long to wait before attempt `n` + 1 when the service does not say; full jitter. */
export function backOffMs(n: number, random: () => number): number {
  return Math.ceil(random() * Math.min(LONGEST_MS, BASE_MS * 2 ** n));
}

/**
 * Repeats `operation` while its errors are transient. `Retry-After` is obeyed whole, however long, and never
 * shortened; where it does not fit the budget the error is thrown at once. Throws the operation's last error, or
 * the signal's reason, also in the middle of a wait.
 */
export async function withRetry<T>(operation: (attempt: number) => Promise<T>, o: RetryOptions): Promise<T> {
  const deadline = o.clock.now() + (o.budgetMs ?? DEFAULT_BUDGET_MS);
  const course: Course = { deadline, backOffs: 0 };
  for (let attempt = 1; ; attempt += 1) {
    o.signal?.throwIfAborted();
    try {
      return await operation(attempt);
    } catch (error) {
      const waitMs = nextWait(error, course, o);
      if (waitMs === null) throw error;
      await o.onWait?.({ error, waitMs, attempt });
      await pause(o.clock, waitMs, o.signal);
    }
  }
}

interface Course {
  readonly deadline: number;
  backOffs: number;
}

/** ms until the next attempt; null = give up. */
function nextWait(error: unknown, course: Course, o: RetryOptions): number | null {
  const verdict = (o.judge ?? judgeGraphError)(error);
  if (!verdict.retry || o.signal?.aborted) return null;
  if (verdict.afterMs === null && course.backOffs >= MOST_BACK_OFFS) return null;
  const waitMs = verdict.afterMs ?? backOffMs(course.backOffs, o.random);
  if (verdict.afterMs === null) course.backOffs += 1;
  return o.clock.now() + waitMs > course.deadline ? null : waitMs;
}

/** Sleeps; an abort rejects with the signal's reason, whatever error the clock has for it. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** A token's failure is not repeated here: the token source has already tried. */
export function judgeGraphError(error: unknown): Verdict {
  if (!(error instanceof GraphError) || !isTransient(error)) return { retry: false };
  return { retry: true, afterMs: error.retryAfterMs };
}

/** Waits for it; an abort rejects with the signal's reason and leaves it running. */
export async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await promise;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
