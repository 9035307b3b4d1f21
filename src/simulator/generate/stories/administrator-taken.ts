import { registerSecurityInfo } from '../audit-days.ts';
import { HOUR, MINUTE } from '../calendar.ts';
import { AZURE_PORTAL, DIRECTORY } from '../data/apps.ts';
import { ADMIN_THIEF_HOSTING } from '../data/networks.ts';
import { ROLE } from '../data/roles.ts';
import { promptDelay } from '../delivery.ts';
import { personOf } from '../draft.ts';
import { hostingPlace } from '../places.ts';
import { signInAtOffice, stealSession } from './intrusion.ts';
import { giveRole } from './role-given.ts';
import type { StoryTeller } from './story.ts';
import { SOON } from './story.ts';

/** A journey is told when the hours before it have been read once more. */
const SETTLED = (4 * HOUR) / 1000;

/**
 * A kit takes an administrator's session; with it the stranger registers a phone of his own for the account and makes a caretaker
 * Global Administrator, to come back later (ATT&CK T1078.004, T1556.006, T1098.003).
 */
export const ADMINISTRATOR_TAKEN: StoryTeller = {
  title: 'Global Administrator given by a compromised administrator',
  cast: 'sonnhof',
  daysBefore: 1,
  tell(draft, hour, draw) {
    const admin = personOf(draft, 'adm-lechner');
    const place = hostingPlace(ADMIN_THIEF_HOSTING, draw);
    const at = hour(12) + draw.int(0, 150) * MINUTE;
    signInAtOffice(draft, admin, at - draw.int(30, 55) * MINUTE, draw.fork('work'));
    const theft = { person: admin, place, at, app: AZURE_PORTAL, resource: DIRECTORY };
    const entry = stealSession(draft, theft, draw.fork('session'));
    const stay = { ipAddress: place.ipAddress, delay: promptDelay(draw) };
    const phoneAt = entry.at + draw.int(3, 8) * MINUTE;
    const phone = registerSecurityInfo(draft, phoneAt, admin, draw.fork('phone'), stay);
    const grant = {
      actor: { person: admin, ipAddress: place.ipAddress },
      receiver: personOf(draft, 'eder'),
      role: ROLE.globalAdministrator,
      at: phoneAt + draw.int(4, 15) * MINUTE,
    };
    const given = giveRole(draft, grant, draw.fork('grant'));
    return [
      { at: entry.at, recordId: entry.id, expect: ['SI-02'], bySeconds: SOON },
      { at: entry.at, recordId: entry.id, expect: ['SI-01'], bySeconds: SETTLED },
      { at: phone.at, recordId: phone.id, expect: ['MF-04'], bySeconds: SOON },
      { at: given.at, recordId: given.id, expect: ['RL-01'], bySeconds: SOON },
    ];
  },
};
