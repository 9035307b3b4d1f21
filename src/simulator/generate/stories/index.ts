import { workingDayBefore } from '../calendar.ts';
import type { TenantDraft } from '../draft.ts';
import type { Story } from '../../world.ts';
import { ADMINISTRATOR_TAKEN } from './administrator-taken.ts';
import { DEVICE_CODE_PHISH } from './device-code-phish.ts';
import { FORWARDING_UNSEEN } from './forwarding-unseen.ts';
import { JOINER_NEVER_SIGNED_IN } from './joiner-never-signed-in.ts';
import { LEAVER_NOT_CLEANED_UP } from './leaver-not-cleaned-up.ts';
import { PASSWORD_SPRAY } from './password-spray.ts';
import { PHISHED_USER } from './phished-user.ts';
import { ADMINISTRATOR_MADE, OTHER_ROLE_GIVEN } from './role-given.ts';
import { asStory } from './story.ts';
import type { StoryTeller } from './story.ts';

const STORIES: readonly StoryTeller[] = [
  PHISHED_USER,
  LEAVER_NOT_CLEANED_UP,
  ADMINISTRATOR_MADE,
  OTHER_ROLE_GIVEN,
  FORWARDING_UNSEEN,
  PASSWORD_SPRAY,
  DEVICE_CODE_PHISH,
  ADMINISTRATOR_TAKEN,
  JOINER_NEVER_SIGNED_IN,
];

/** Tells the stories of this tenant; one whose day is not wholly inside the data is left out. */
export function tellStories(draft: TenantDraft): Story[] {
  return STORIES.filter(({ cast }) => cast === draft.cast.key).flatMap((story) => {
    const day = workingDayBefore(draft.to, draft.cast.zone, story.daysBefore);
    if (day.at(0) < draft.from) return [];
    const draw = draft.random.fork('story', story.title);
    const steps = story.tell(draft, (hour) => day.at(hour), draw);
    return [asStory(story.title, draft.id, steps)];
  });
}
