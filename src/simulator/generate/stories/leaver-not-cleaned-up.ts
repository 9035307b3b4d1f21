import { personOf } from '../draft.ts';
import { disableAccount } from '../ordinary-changes.ts';
import type { StoryTeller } from './story.ts';
import { DAILY } from './story.ts';

/** The account goes off, licence and role (Global Reader, held for years) stay. The rules wait 24 h before they say so. */
export const LEAVER_NOT_CLEANED_UP: StoryTeller = {
  title: 'leaver disabled but still licensed and in a role',
  cast: 'muster-bau',
  daysBefore: 4,
  tell(draft, hour, draw) {
    const leaver = personOf(draft, 'hoffmann');
    const at = hour(15) + draw.int(0, 90) * 60_000;
    const assignment = draft.roleAssignments.find(
      ({ versions }) => versions[0]?.value?.principalId === leaver.id,
    );
    if (!assignment) throw new Error('tell the leaver: holds no role; give one in the roster');
    leaver.presentTo = at;
    disableAccount(draft, leaver, at);
    return [
      { at, recordId: leaver.id, expect: ['LC-11'], bySeconds: DAILY },
      { at, recordId: assignment.id, expect: ['LC-16'], bySeconds: DAILY },
    ];
  },
};
