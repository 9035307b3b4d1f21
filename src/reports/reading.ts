/** How much of the facts a mail prints; the facts hold more, and the mail says how many. */
export interface Limits {
  readonly groups: number;
  readonly items: number;
  /** Whether a serious thing's reason is told. */
  readonly why: boolean;
  readonly older: number;
  /** Lines about what could not be seen. */
  readonly unseen: number;
}

/** Words a minute, and seconds that a manager gives the mail (docs/digest.md, rule 9). */
const WORDS_A_MINUTE = 220;
const MOST_SECONDS = 90;

/** IT gets the whole list, within what a mail can carry. */
export const FULL: Limits = { groups: 30, items: 10, why: true, older: 20, unseen: 20 };

/** From generous to sparse, people being the last to go; the first that can be read in time is taken. */
const STEPS: readonly Limits[] = [
  { groups: 8, items: 4, why: true, older: 5, unseen: 6 },
  { groups: 6, items: 3, why: true, older: 4, unseen: 5 },
  { groups: 5, items: 2, why: true, older: 3, unseen: 4 },
  { groups: 5, items: 1, why: true, older: 2, unseen: 4 },
  { groups: 5, items: 1, why: false, older: 1, unseen: 3 },
  { groups: 4, items: 1, why: false, older: 1, unseen: 3 },
  { groups: 3, items: 1, why: false, older: 1, unseen: 3 },
  { groups: 2, items: 1, why: false, older: 1, unseen: 3 },
  { groups: 1, items: 1, why: false, older: 1, unseen: 2 },
];

/** Seconds that reading takes; what counts as a word is what stands between blanks. */
export function readingSeconds(text: string): number {
  const words = text.split(/\s+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  return Math.round((words.length * 60) / WORDS_A_MINUTE);
}

/** The fullest of the steps that can be read in 90 seconds; the sparsest when none can. */
export function fitToReading<T>(write: (limits: Limits) => T, textOf: (written: T) => string): T {
  let written: T | null = null;
  for (const limits of STEPS) {
    written = write(limits);
    if (readingSeconds(textOf(written)) <= MOST_SECONDS) return written;
  }
  return written as T;
}
