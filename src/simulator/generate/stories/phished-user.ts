import { MINUTE, SECOND } from '../calendar.ts';
import { OFFICE_HOME } from '../data/apps.ts';
import { ATTACKER_HOSTING } from '../data/networks.ts';
import { personOf, type TenantDraft } from '../draft.ts';
import { addRule, recipient } from '../inbox-rules.ts';
import { hostingPlace } from '../places.ts';
import type { Random } from '../random.ts';
import { folderId } from '../../folders.ts';
import { readByImap, stealSession, type Intrusion } from './intrusion.ts';
import { DAILY, SOON, type Step, type StoryTeller } from './story.ts';

/** A kit in the middle takes a book-keeper's session; rules follow within minutes (stories.md 1, 7; ATT&CK T1557, T1114.003). */
export const PHISHED_USER: StoryTeller = {
  title: 'phished user, rule forwards outside',
  cast: 'muster-bau',
  daysBefore: 2,
  tell(draft, hour, draw) {
    const victim = personOf(draft, 'krüger');
    const place = hostingPlace(ATTACKER_HOSTING, draw);
    const at = hour(10) + draw.int(0, 50) * MINUTE;
    const entry = stealSession(
      draft,
      { person: victim, place, at, app: OFFICE_HOME, resource: OFFICE_HOME },
      draw,
    );
    const legacyAt = at + draw.int(100, 170) * MINUTE;
    const legacy = readByImap(draft, { person: victim, place, at: legacyAt }, draw);
    return [
      { at: entry.at, recordId: entry.id, expect: ['SI-02'], bySeconds: SOON },
      ...setRules(draft, { person: victim, place }, entry.at, draw),
      { at: legacyAt, recordId: legacy.id, expect: ['SI-29', 'SI-02'], bySeconds: SOON },
    ];
  },
};

function setRules(
  draft: TenantDraft,
  { person, place }: Pick<Intrusion, 'person' | 'place'>,
  signedInAt: number,
  draw: Random,
): Step[] {
  const forwardAt = signedInAt + draw.int(4 * 60, 6 * 60) * SECOND;
  const hideAt = forwardAt + draw.int(60, 4 * 60) * SECOND;
  const collector = 'n.krueger.privat@freepost.example';
  const forward = { displayName: '..', actions: { forwardTo: [recipient(collector, collector)] } };
  const hide = {
    displayName: '.',
    conditions: { bodyOrSubjectContains: ['Rechnung', 'invoice', 'payment', 'IBAN', 'Überweisung'] },
    actions: { markAsRead: true, moveToFolder: folderId(person.id, 'rssfeeds'), stopProcessingRules: true },
  };
  const first = addRule(draft, person, forwardAt, forward, draw.fork('forward'), place.ipAddress);
  const second = addRule(draft, person, hideAt, hide, draw.fork('hide'), place.ipAddress);
  return [
    { at: forwardAt, recordId: first.id, expect: ['MB-01', 'MB-03'], bySeconds: DAILY },
    { at: hideAt, recordId: second.id, expect: ['MB-02', 'MB-03'], bySeconds: DAILY },
  ];
}
