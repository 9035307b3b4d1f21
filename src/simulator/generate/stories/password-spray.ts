import { HOUR, MINUTE, SECOND } from '../calendar.ts';
import { OFFICE_HOME } from '../data/apps.ts';
import { GUESSING_HOSTING } from '../data/networks.ts';
import { promptDelay } from '../delivery.ts';
import { foreignComputer } from '../devices.ts';
import { personOf, type TenantDraft } from '../draft.ts';
import type { Person } from '../people.ts';
import { hostingPlace, type Place } from '../places.ts';
import type { Random } from '../random.ts';
import { addSignIn, type SignInFacts } from '../sign-in.ts';
import type { LogRecord } from '../../world.ts';
import { SOON, type StoryTeller } from './story.ts';

/** The slow part: one try every 60 to 110 minutes, each from another address. */
const SLOW_SPAN = 40 * HOUR;
/** Names that a list of common ones contains and the tenant does not. */
const STRANGERS = ['administrator', 'empfang', 'praktikant', 'test'];
/** userId of a sign-in whose name is in no directory (not documented; docs/assumptions.md). */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/**
 * Few passwords for every name, for two days slowly and then in a burst; the account of the training room, excepted from MFA,
 * has one of them (stories.md 6; ATT&CK T1110.003).
 */
export const PASSWORD_SPRAY: StoryTeller = {
  title: 'password spray that succeeds',
  cast: 'sonnhof',
  daysBefore: 3,
  tell(draft, hour, draw) {
    const at = hour(13) + draw.int(0, 60) * MINUTE;
    const names = [...sprayed(draft, at), ...STRANGERS.map((name) => stranger(draft, name))];
    trySlowly(draft, names, at, draw.fork('slow'));
    const place = hostingPlace(draw.pick(GUESSING_HOSTING), draw);
    const first = tryQuickly(draft, names, place, at, draw.fork('burst'));
    const hit = {
      ...guess(personOf(draft, 'training'), place, draw),
      sessionId: draw.guid(),
      delay: promptDelay(draw),
    };
    const entry = addSignIn(draft, { ...hit, at: at + 21 * MINUTE, code: 0 }, draw.fork('hit'));
    return [
      { at: first.at, recordId: first.id, expect: ['SI-15'], bySeconds: SOON },
      { at: entry.at, recordId: entry.id, expect: ['SI-20', 'SI-02'], bySeconds: SOON },
    ];
  },
};

/** Who can sign in all the while. The emergency account has a name that no list contains. */
function sprayed(draft: TenantDraft, at: number): Person[] {
  return draft.people.filter(
    ({ kind, presentFrom, presentTo }) =>
      (kind === 'staff' || kind === 'admin') && presentFrom <= at - SLOW_SPAN && presentTo >= at + HOUR,
  );
}

function stranger(draft: TenantDraft, name: string): Person {
  const upn = `${name}@${draft.cast.domain}`;
  return { ...personOf(draft, 'training'), key: name, id: NOBODY, displayName: upn, upn, mail: upn };
}

function trySlowly(draft: TenantDraft, names: readonly Person[], end: number, draw: Random): void {
  for (let at = end - SLOW_SPAN; at < end - HOUR; at += draw.int(60, 110) * MINUTE) {
    const person = draw.pick(names);
    const place = hostingPlace(draw.pick(GUESSING_HOSTING), draw);
    addSignIn(draft, { ...guess(person, place, draw), at, code: failure(person, false) }, draw.fork(at));
  }
}

/** Every name twice within twenty minutes from one address; the second time some are locked. Returns the first try. */
function tryQuickly(
  draft: TenantDraft,
  names: readonly Person[],
  place: Place,
  start: number,
  draw: Random,
): LogRecord {
  const tries = [...names, ...names].map((person, i) => {
    const at = start + (i * 22 + draw.int(0, 12)) * SECOND;
    const code = failure(person, i >= names.length && draw.chance(0.4));
    return addSignIn(draft, { ...guess(person, place, draw), at, code }, draw.fork(i));
  });
  const [first] = tries;
  if (!first) throw new Error('tell the spray: nobody to try; give the cast people who are present');
  return first;
}

/** 50034 no such name, 50053 locked, 50126 wrong password. */
function failure(person: Person, locked: boolean): number {
  if (person.id === NOBODY) return 50034;
  return locked ? 50053 : 50126;
}

function guess(person: Person, place: Place, draw: Random): Omit<SignInFacts, 'at' | 'code'> {
  return {
    person,
    place,
    app: OFFICE_HOME,
    resource: OFFICE_HOME,
    client: 'Browser',
    device: foreignComputer(),
    mfa: 'none',
    correlationId: draw.guid(),
    sessionId: '',
  };
}
