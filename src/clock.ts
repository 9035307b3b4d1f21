import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

/** Time as an argument. `now` is UTC epoch ms; `sleep` resolves after `ms` of this clock's time or rejects when aborted. */
export interface Clock {
  now(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** The machine's clock. The only place of the product that reads it. */
export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(ms, signal) {
    await delay(Math.max(0, ms), undefined, { signal });
  },
};

/** Resolves when everything else that waits in this process had its turn: signals, sockets, what the collector has to finish. */
export async function othersTurn(): Promise<void> {
  await turn();
}

/** A clock that moves only when told to or slept on: a week of polling takes milliseconds. */
export class ManualClock implements Clock {
  #now: number;

  constructor(startMs: number) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  advanceTo(ms: number): void {
    if (ms > this.#now) this.#now = ms;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.advanceTo(this.#now + ms);
    await Promise.resolve();
  }
}
