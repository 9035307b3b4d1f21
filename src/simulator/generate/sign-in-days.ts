import type { LocalDay } from './calendar.ts';
import { SECOND } from './calendar.ts';
import type { Visit } from './data/apps.ts';
import { ADMIN_VISITS, GUEST_VISITS, LAPTOP_VISITS, OFFICE_HOME, PHONE_VISITS } from './data/apps.ts';
import { GUESSING_HOSTING } from './data/networks.ts';
import { foreignComputer } from './devices.ts';
import type { TenantDraft } from './draft.ts';
import type { Person } from './people.ts';
import type { Place } from './places.ts';
import { CITIES, homePlace, hostingPlace, mobilePlace, officePlace, visitorPlace } from './places.ts';
import type { Random } from './random.ts';
import type { Mfa, SignInFacts } from './sign-in.ts';
import { addSignIn } from './sign-in.ts';

/** Most preludes (failed or interrupted tries) of one person and day: keeps a day within 15 records. */
const MOST_PRELUDES = 3;

/**
 * What goes before a success, with its probability per sign-in: a mistyped password, MFA asked, "stay signed in?", a session
 * that ended by policy. Same correlation as the success that follows, but for the mistyped password.
 */
const PRELUDES: readonly (readonly [code: number, probability: number])[] = [
  [50126, 0.03],
  [50074, 0.05],
  [50140, 0.03],
  [50076, 0.015],
  [70043, 0.015],
];

/** Adds the habitual sign-ins of everybody on every day, and guesses of passwords from outside. */
export function addHabitualSignIns(draft: TenantDraft): void {
  for (const day of draft.days) {
    for (const person of draft.people) addDay(draft, person, day, person.random.fork('sign-ins', day.date));
    addGuesses(draft, day, draft.random.fork('guesses', day.date));
  }
}

function addDay(draft: TenantDraft, person: Person, day: LocalDay, draw: Random): void {
  let preludes = 0;
  for (const at of timesOf(person, day, draw)) {
    const one = draw.fork(at);
    if (at < person.presentFrom || at >= person.presentTo) continue;
    const facts = success(draft, person, day, at, one);
    if (preludes < MOST_PRELUDES && addPrelude(draft, facts, one)) preludes += 1;
    addSignIn(draft, facts, one);
  }
}

/** UTC epoch ms of the day's sign-ins, whole seconds, oldest first. */
function timesOf(person: Person, day: LocalDay, draw: Random): number[] {
  const count = countOf(person, day, draw);
  const last = person.startsAt + person.worksHours;
  const hours = Array.from({ length: count }, (_, i) => {
    // Most people open everything in the morning; the phone is looked at in the evening too.
    if (i < 2 && person.kind === 'staff') return person.startsAt + draw.next() * 0.75;
    return draw.chance(0.08) ? last + draw.next() * 4 : person.startsAt + draw.next() * person.worksHours;
  });
  // One second holds one sign-in of a person: the record's id is made from both.
  return [...new Set(hours.map((hour) => day.at(Math.min(hour, 23.9))))].toSorted((a, b) => a - b);
}

function countOf(person: Person, day: LocalDay, draw: Random): number {
  const away = person.random.fork('holiday', day.date.slice(0, 4), day.week).chance(0.06);
  if (away || draw.chance(0.02)) return 0;
  if (!day.working) return person.kind === 'staff' && draw.chance(0.3) ? draw.int(1, 2) : 0;
  if (person.kind === 'staff') return draw.int(5, 12);
  if (person.kind === 'admin') return draw.int(0, 3);
  return person.kind === 'guest' ? Math.max(0, draw.int(-2, 2)) : 0;
}

/** One successful visit to an app, drawn for this person and time. */
export function success(
  draft: TenantDraft,
  person: Person,
  day: LocalDay,
  at: number,
  draw: Random,
): SignInFacts {
  const onPhone =
    person.kind === 'staff' &&
    (!day.working || at > day.at(person.startsAt + person.worksHours) || draw.chance(0.3));
  const visit = draw.pick(visitsOf(person, onPhone));
  const session = person.random.fork('session', onPhone ? `phone ${day.week}` : day.date);
  return {
    at,
    person,
    ...visit,
    device: onPhone ? person.phone : person.laptop,
    place: placeOf(draft, person, day, onPhone, draw),
    code: 0,
    mfa: mfaOf(draft, person, draw),
    correlationId: draw.guid(),
    sessionId: session.guid(),
  };
}

function visitsOf(person: Person, onPhone: boolean): readonly Visit[] {
  if (person.kind === 'admin') return ADMIN_VISITS;
  if (person.kind === 'guest') return GUEST_VISITS;
  return onPhone ? PHONE_VISITS : LAPTOP_VISITS;
}

function mfaOf(draft: TenantDraft, person: Person, draw: Random): Mfa {
  if (person.kind === 'admin') return draw.chance(0.6) ? 'prompt' : 'claim';
  if (draft.cast.licence === 'free' && draw.chance(0.4)) return 'none';
  return draw.chance(0.06) ? 'prompt' : 'claim';
}

/** Travellers are away for whole days, so that no benign pair of sign-ins needs an aeroplane. */
function placeOf(draft: TenantDraft, person: Person, day: LocalDay, onPhone: boolean, draw: Random): Place {
  const { office } = draft.cast;
  if (person.kind === 'guest') return visitorPlace(person.random.fork('site', day.week), CITIES[person.home]);
  const trip = tripOf(person, day);
  if (trip)
    return onPhone
      ? mobilePlace(person.random, draw, trip)
      : visitorPlace(person.random.fork('hotel', day.week), trip);
  const atHome = !day.working || (person.kind === 'staff' && person.homeOfficeDays.includes(day.weekday));
  const city = atHome ? person.home : office.city;
  if (onPhone && draw.chance(0.7)) return mobilePlace(person.random, draw, CITIES[city]);
  return atHome
    ? homePlace(person.random, person.home, day.week)
    : officePlace(office.ipAddress, office.city);
}

function tripOf(person: Person, day: LocalDay): (typeof CITIES)['wien' | 'zuerich'] | null {
  if (!person.travels || day.week % 4 !== 2 || day.weekday < 2 || day.weekday > 4) return null;
  return day.week % 8 === 2 ? CITIES.wien : CITIES.zuerich;
}

function addPrelude(draft: TenantDraft, facts: SignInFacts, draw: Random): boolean {
  const code = drawPrelude(draw);
  if (code === null) return false;
  const correlationId = draw.guid();
  const at = facts.at - draw.int(5, 40) * SECOND;
  if (at < facts.person.presentFrom) return false;
  addSignIn(draft, before(facts, code, at, correlationId), draw.fork('prelude'));
  return true;
}

/** The error code of what goes before a success; null = nothing does. */
export function drawPrelude(draw: Random): number | null {
  return PRELUDES.find(([, probability]) => draw.chance(probability))?.[0] ?? null;
}

/** The try before a success, `correlationId` being that of a try which the success does not belong to. */
export function before(facts: SignInFacts, code: number, at: number, correlationId: string): SignInFacts {
  const mistyped = code === 50126;
  const mfa: Mfa = mistyped ? 'none' : code === 50140 || code === 70043 ? facts.mfa : 'missing';
  return { ...facts, at, code, mfa, ...(mistyped ? { correlationId, sessionId: '' } : {}) };
}

/** Strangers try passwords from rented servers anywhere; none is right. Every tenant has this, so no rule may call it a sign-in. */
export function addGuesses(draft: TenantDraft, day: LocalDay, draw: Random): void {
  const [start, end] = [day.at(0), day.at(23.9)];
  const known = draft.people.filter(
    (person) => person.kind === 'staff' && person.presentFrom <= start && person.presentTo > end,
  );
  for (let i = draw.int(0, 3); i > 0; i -= 1) {
    const facts = {
      at: day.at(draw.next() * 23.9),
      person: draw.pick(known),
      app: OFFICE_HOME,
      resource: OFFICE_HOME,
      client: 'Browser',
      device: foreignComputer(),
      place: hostingPlace(draw.pick(GUESSING_HOSTING), draw),
      code: draw.chance(0.85) ? 50126 : 50053,
      mfa: 'none' as const,
      correlationId: draw.guid(),
      sessionId: '',
    };
    addSignIn(draft, facts, draw.fork(i));
  }
}
