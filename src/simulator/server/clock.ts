/** The simulator's own time, UTC epoch ms. It stands still until told to move, and never moves back. */
export interface VirtualClock {
  now(): number;
  /** Earlier than now: no change. */
  advanceTo(ms: number): void;
}

export function createVirtualClock(startMs: number): VirtualClock {
  let now = startMs;
  return {
    now: () => now,
    advanceTo(ms) {
      if (ms > now) now = ms;
    },
  };
}

/** The machine's clock: only for what the client's libraries check against theirs (TLS certificates, client assertions). */
export function wallNow(): number {
  return Date.now();
}

/** `2026-11-24T05:06:07Z`. */
export function isoSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
