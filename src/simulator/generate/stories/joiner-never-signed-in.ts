import { DAY, MINUTE } from '../calendar.ts';
import { personOf } from '../draft.ts';
import { createAccount } from '../ordinary-changes.ts';
import type { StoryTeller } from './story.ts';
import { DAILY } from './story.ts';

/** The rule waits two weeks; the thirteenth working day before the end is 17 to 19 days back, whatever weekday that is. */
const WAIT = 14 * DAY;

/** An account is made and licensed for somebody who never begins. What strangers try with it meanwhile is no sign-in. */
export const JOINER_NEVER_SIGNED_IN: StoryTeller = {
  title: 'joiner who never signs in',
  cast: 'sonnhof',
  daysBefore: 13,
  tell(draft, hour, draw) {
    const joiner = personOf(draft, 'hofer');
    const at = hour(9) + draw.int(0, 120) * MINUTE;
    joiner.presentFrom = Number.POSITIVE_INFINITY;
    draft.messageRules.set(joiner.id, []);
    createAccount(draft, joiner, at, draw);
    return [{ at: at + WAIT, recordId: joiner.id, expect: ['LC-05'], bySeconds: DAILY }];
  },
};
