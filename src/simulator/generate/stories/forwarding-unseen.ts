import { MINUTE } from '../calendar.ts';
import { personOf } from '../draft.ts';
import { addRule, recipient } from '../inbox-rules.ts';
import type { StoryTeller } from './story.ts';
import { DAILY } from './story.ts';

/**
 * In the tenant without Entra ID P1 nobody can see who signed in; the rule that an intruder leaves in a mailbox can be seen all
 * the same (stories.md 7; ATT&CK T1114.003). Its name is an ordinary one.
 */
export const FORWARDING_UNSEEN: StoryTeller = {
  title: 'inbox rule forwards outside, sign-ins not visible',
  cast: 'nordlicht',
  daysBefore: 3,
  tell(draft, hour, draw) {
    const victim = personOf(draft, 'ohlsen');
    const at = hour(9) + draw.int(0, 300) * MINUTE;
    const collector = 's.ohlsen.ablage@freepost.example';
    const rule = {
      displayName: 'Rechnungen ablegen',
      conditions: { subjectContains: ['Rechnung', 'Mahnung', 'Angebot'] },
      actions: { forwardTo: [recipient(collector, collector)] },
    };
    const { id } = addRule(draft, victim, at, rule, draw.fork('forward'));
    return [{ at, recordId: id, expect: ['MB-01'], bySeconds: DAILY }];
  },
};
