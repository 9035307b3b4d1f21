import { createTask } from 'node-cron';

export interface ScheduleOptions {
  readonly signal: AbortSignal;
  /** A round of work; it is never started while the last one runs. What it throws reaches `onError`, and the next tick comes. */
  readonly work: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}

/**
 * Runs `work` every minute until the signal aborts, and resolves when the last round has ended. In UTC: node-cron
 * loses and repeats runs around daylight saving in other zones; due times are reckoned by zone in the jobs.
 */
export async function runEveryMinute(options: ScheduleOptions): Promise<void> {
  let running: Promise<void> | null = null;
  const round = (): Promise<void> => {
    running ??= isolate(options).finally(() => {
      running = null;
    });
    return running;
  };
  const task = createTask('* * * * *', round, { timezone: 'UTC', noOverlap: true });
  await round();
  if (!options.signal.aborted) {
    await task.start();
    await new Promise<void>((resolve) => {
      options.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
  await task.destroy();
  await (running ?? Promise.resolve());
}

/** The one place besides a command's outermost line that catches and goes on: one round never stops the next. */
async function isolate(options: ScheduleOptions): Promise<void> {
  try {
    await options.work();
  } catch (error) {
    if (!options.signal.aborted) options.onError(error);
  }
}
