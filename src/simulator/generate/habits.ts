import { addHabitualAudits } from './audit-days.ts';
import type { TenantDraft } from './draft.ts';
import { addHabitualSignIns } from './sign-in-days.ts';

export { addCrowdHabits } from './crowd/index.ts';

/** What every ordinary day leaves in the logs; after the stories, which decide who is still there. */
export function addHabits(draft: TenantDraft): void {
  addHabitualSignIns(draft);
  addHabitualAudits(draft);
}
