import type { TenantDraft } from '../draft.ts';
import type { Random } from '../random.ts';
import type { Story } from '../../world.ts';

/** One step as a story tells it; `at` is UTC epoch ms. */
export interface Step {
  readonly at: number;
  readonly recordId: string;
  readonly expect: readonly string[];
  readonly bySeconds: number;
}

/**
 * A labelled story: one file, one export of this type, one line in index.ts. `tell` adds records and changes to the draft
 * before the habits are written, so that it may end a person's presence; it uses only `draw` for chance.
 */
export interface StoryTeller {
  readonly title: string;
  /** Key of the cast in which it happens. */
  readonly cast: string;
  /** Working days before `to` on which it begins: 1 = the last complete one. */
  readonly daysBefore: number;
  tell(draft: TenantDraft, startOfDay: (hour: number) => number, draw: Random): readonly Step[];
}

/** Polling every few minutes, delivery delay and one run of the detections. */
export const SOON = 3600;
/** The unified audit log is typically an hour behind, without a promise. */
export const AUDITED = 3 * 3600;
/** Mailbox rules are read once a day, spread over it: a day and two hours. */
export const DAILY = 26 * 3600;

/** The story as the stories file says it. */
export function asStory(title: string, tenant: string, steps: readonly Step[]): Story {
  return {
    story: title,
    tenant,
    steps: steps.map(({ at, recordId, expect, bySeconds }) => ({
      at: new Date(at).toISOString(),
      record_id: recordId,
      expect,
      by_s: bySeconds,
    })),
  };
}
