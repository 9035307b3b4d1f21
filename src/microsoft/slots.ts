interface Waiter {
  readonly count: number;
  readonly go: () => void;
}

/** A first-come semaphore per key. */
export interface Slots {
  /** Resolves when all are free at once; the result gives them back. Rejects with the signal's reason. */
  hold(counts: ReadonlyMap<string, number>, signal?: AbortSignal): Promise<() => void>;
}

/** `limit` for each key. Keys are taken in the order given: sorted, so that two holders never wait for each other. */
export function openSlots(limit: number): Slots {
  const used = new Map<string, number>();
  const queues = new Map<string, Waiter[]>();

  function give(key: string, count: number): void {
    const left = (used.get(key) ?? 0) - count;
    if (left > 0) used.set(key, left);
    else used.delete(key);
    wake(key);
  }

  function wake(key: string): void {
    const queue = queues.get(key) ?? [];
    for (let next = queue[0]; next && (used.get(key) ?? 0) + next.count <= limit; next = queue[0]) {
      queue.shift();
      used.set(key, (used.get(key) ?? 0) + next.count);
      next.go();
    }
    if (queue.length === 0) queues.delete(key);
  }

  async function takeOne(key: string, count: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const queue = queues.get(key) ?? [];
    const waiter: Waiter = { count: Math.min(count, limit), go: resolve };
    queue.push(waiter);
    queues.set(key, queue);
    const abort = (): void => {
      const at = queue.indexOf(waiter);
      if (at < 0) return;
      queue.splice(at, 1);
      wake(key);
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
    wake(key);
    await promise.finally(() => signal?.removeEventListener('abort', abort));
  }

  return {
    async hold(counts, signal) {
      const held: [string, number][] = [];
      const release = (): void => {
        for (const [key, count] of held.splice(0)) give(key, count);
      };
      try {
        for (const [key, count] of counts) {
          await takeOne(key, count, signal);
          held.push([key, Math.min(count, limit)]);
        }
      } catch (error) {
        release();
        throw error;
      }
      return release;
    },
  };
}
