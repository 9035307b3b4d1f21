import { MINUTE, SECOND } from '../calendar.ts';
import { AUTHENTICATION_BROKER, EXCHANGE } from '../data/apps.ts';
import { DEVICE_CODE_HOSTING } from '../data/networks.ts';
import { promptDelay } from '../delivery.ts';
import { foreignComputer } from '../devices.ts';
import { personOf } from '../draft.ts';
import { hostingPlace, officePlace } from '../places.ts';
import { addSignIn } from '../sign-in.ts';
import type { StoryTeller } from './story.ts';
import { SOON } from './story.ts';

/**
 * The head of accounts enters a code that a stranger sent: the confirmation (50199, no failure) comes from the office, the
 * success from the stranger's server (stories.md 2; ATT&CK T1528, T1566.002).
 */
export const DEVICE_CODE_PHISH: StoryTeller = {
  title: 'device-code phish of a finance user',
  cast: 'sonnhof',
  daysBefore: 2,
  tell(draft, hour, draw) {
    const victim = personOf(draft, 'aigner');
    const { office } = draft.cast;
    const at = hour(10) + draw.int(0, 240) * MINUTE;
    const flow = {
      person: victim,
      app: AUTHENTICATION_BROKER,
      resource: EXCHANGE,
      client: 'Mobile Apps and Desktop clients',
      protocol: 'deviceCode',
      mfa: 'claim' as const,
      correlationId: draw.guid(),
      delay: promptDelay(draw),
    };
    const confirmed = {
      at,
      code: 50199,
      device: victim.laptop,
      place: officePlace(office.ipAddress, office.city),
    };
    const redeemed = {
      at: at + draw.int(4, 12) * SECOND,
      code: 0,
      device: foreignComputer(),
      place: hostingPlace(DEVICE_CODE_HOSTING, draw),
    };
    addSignIn(draft, { ...flow, ...confirmed, sessionId: '' }, draw.fork('confirmed'));
    const entry = addSignIn(draft, { ...flow, ...redeemed, sessionId: draw.guid() }, draw.fork('redeemed'));
    return [{ at: entry.at, recordId: entry.id, expect: ['SI-32', 'SI-02'], bySeconds: SOON }];
  },
};
