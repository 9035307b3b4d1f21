import { SECOND } from '../calendar.ts';
import { ADMIN_PORTAL, EXCHANGE, GRAPH, type App } from '../data/apps.ts';
import { promptDelay } from '../delivery.ts';
import { basicAuthClient, foreignComputer } from '../devices.ts';
import type { TenantDraft } from '../draft.ts';
import type { Person } from '../people.ts';
import { officePlace, type Place } from '../places.ts';
import type { Random } from '../random.ts';
import { addSignIn, type Mfa } from '../sign-in.ts';
import type { LogRecord } from '../../world.ts';

/** Who comes in: as whom, from where, when it begins (UTC epoch ms). */
export interface Intrusion {
  readonly person: Person;
  readonly place: Place;
  readonly at: number;
}

/** A session that a kit in the middle takes, for an application. */
export interface Theft extends Intrusion {
  readonly app: App;
  readonly resource: App;
}

/** Codes 50074, 50140, 0 under one correlation (stories.md 1); returns the success. */
export function stealSession(draft: TenantDraft, { at, ...theft }: Theft, draw: Random): LogRecord {
  const common = {
    ...theft,
    client: 'Browser',
    device: foreignComputer(),
    correlationId: draw.guid(),
    sessionId: draw.guid(),
    delay: promptDelay(draw),
  };
  const tell = (after: number, code: number, mfa: Mfa) =>
    addSignIn(draft, { ...common, at: at + after * SECOND, code, mfa }, draw.fork(code));
  tell(0, 50074, 'missing');
  tell(22, 50140, 'prompt');
  return tell(29, 0, 'prompt');
}

/** Name and password over IMAP (stories.md 21). */
export function readByImap(draft: TenantDraft, intrusion: Intrusion, draw: Random): LogRecord {
  const facts = {
    ...intrusion,
    app: EXCHANGE,
    resource: EXCHANGE,
    client: 'IMAP4',
    device: basicAuthClient(),
    code: 0,
    mfa: 'none' as const,
    correlationId: draw.guid(),
    sessionId: '',
    protocol: 'ropc',
    delay: promptDelay(draw),
  };
  return addSignIn(draft, facts, draw.fork('imap'));
}

/** An administrator's own sign-in at work. Within an hour of a theft: nobody gets from there to the stranger's server so soon. */
export function signInAtOffice(draft: TenantDraft, person: Person, at: number, draw: Random): void {
  const { office } = draft.cast;
  const session = { correlationId: draw.guid(), sessionId: draw.guid(), delay: promptDelay(draw) };
  const visit = { app: ADMIN_PORTAL, resource: GRAPH, client: 'Browser', device: person.laptop };
  const place = officePlace(office.ipAddress, office.city);
  addSignIn(draft, { at, person, place, code: 0, mfa: 'claim', ...visit, ...session }, draw.fork('sign-in'));
}
