import { addHabitualAudits } from '../audit-days.ts';
import type { TenantDraft } from '../draft.ts';
import { addProgramSignIns } from '../principal-sign-ins.ts';
import { addGuesses } from '../sign-in-days.ts';
import { addCrowdDays } from './days.ts';

/** What every ordinary day of a large tenant leaves in the logs. */
export function addCrowdHabits(draft: TenantDraft): void {
  addCrowdDays(draft);
  for (const day of draft.days) addGuesses(draft, day, draft.random.fork('guesses', day.date));
  addHabitualAudits(draft);
  addProgramSignIns(draft);
}
