import type { LocalDay } from '../calendar.ts';
import { MINUTE, SECOND } from '../calendar.ts';
import { deliveryDelay } from '../delivery.ts';
import type { TenantDraft } from '../draft.ts';
import type { Person } from '../people.ts';
import type { Random } from '../random.ts';
import { before, drawPrelude, success } from '../sign-in-days.ts';
import { signInRecord, type SignInFacts } from '../sign-in.ts';
import { refresh } from '../token-refreshes.ts';
import type { KnownOfSignIn, LogRecord, Raw } from '../../world.ts';

/**
 * Successful interactive sign-ins of a person on a working day. The small tenants' people have 5 to 12: with 5,000 people and
 * 30 days that were a million records, more than a test of hours can read.
 */
const MOST_SIGN_INS = 3;
/** Clients fetch one to three further tokens after each; a real tenant has 5 to 10 times as many. */
const MOST_REFRESHES = 3;
/** An access token lives 60 to 90 minutes (Microsoft Learn, access token lifetime). */
const TOKEN_LIFE_MINUTES = [60, 90] as const;
/** "non-interactive 15–30 min" after the event [graph-facts 1], beside the delay that every record has. */
const MORE_DELAY_MINUTES = [8, 22] as const;

/**
 * Adds what everybody's days leave in the sign-in logs. Only times are held: a record is made again, the same, each time it
 * is asked for, from the seed, the person and the moment.
 */
export function addCrowdDays(draft: TenantDraft): void {
  for (const day of draft.days) {
    for (const person of draft.people) addDay(draft, person, day, person.random.fork('crowd', day.date));
  }
}

function addDay(draft: TenantDraft, person: Person, day: LocalDay, draw: Random): void {
  for (const at of timesOf(person, day, draw)) {
    if (at < person.presentFrom || at >= person.presentTo) continue;
    const moment = { draft, person, day, at };
    const signIn = new CrowdSignIn(moment, 0, at);
    draft.signIns.push(signIn);
    const one = randomOf(moment);
    const prelude = drawPrelude(one.fork('prelude'));
    if (prelude !== null)
      draft.signIns.push(new CrowdSignIn(moment, prelude, at - one.fork('early').int(5, 40) * SECOND));
    addRefreshes(draft, signIn, one.fork('refreshes'));
  }
}

/** UTC epoch ms, whole seconds, oldest first. */
function timesOf(person: Person, day: LocalDay, draw: Random): number[] {
  const hours = Array.from(
    { length: countOf(person, day, draw) },
    () => person.startsAt + draw.next() * person.worksHours,
  );
  return [...new Set(hours.map((hour) => day.at(Math.min(hour, 23.9))))].sort((a, b) => a - b);
}

function countOf(person: Person, day: LocalDay, draw: Random): number {
  if (person.random.fork('holiday', day.date.slice(0, 4), day.week).chance(0.06)) return 0;
  if (!day.working) return person.kind === 'staff' && draw.chance(0.05) ? 1 : 0;
  if (person.kind === 'staff') return draw.int(1, MOST_SIGN_INS);
  if (person.kind === 'admin') return draw.int(0, 2);
  return person.kind === 'guest' && draw.chance(0.2) ? 1 : 0;
}

function addRefreshes(draft: TenantDraft, signIn: CrowdSignIn, draw: Random): void {
  let { at } = signIn;
  for (let number = draw.int(1, MOST_REFRESHES); number > 0; number -= 1) {
    at += draw.int(...TOKEN_LIFE_MINUTES) * MINUTE + draw.int(0, 59) * SECOND;
    const availableAt = at + deliveryDelay(draw) + draw.int(...MORE_DELAY_MINUTES) * MINUTE;
    if (at < signIn.presentTo) draft.identity.otherSignIns.push(new CrowdRefresh(signIn, at, availableAt));
  }
}

/** A person's visit to an app, by which all that follows is drawn. */
interface Moment {
  readonly draft: TenantDraft;
  readonly person: Person;
  readonly day: LocalDay;
  readonly at: number;
}

function randomOf({ person, day, at }: Moment): Random {
  return person.random.fork('crowd', day.date, at);
}

const INTERACTIVE = ['interactiveUser'];
const NON_INTERACTIVE = ['nonInteractiveUser'];

/** A sign-in of which only the times are held; `code` is 0 for the success, else what came before it. */
class CrowdSignIn implements LogRecord {
  readonly #moment: Moment;
  readonly #code: number;
  readonly at: number;
  readonly availableAt: number;

  constructor(moment: Moment, code: number, at: number) {
    this.#moment = moment;
    this.#code = code;
    this.at = at;
    this.availableAt = at + deliveryDelay(this.random.fork('delay'));
  }

  get known(): KnownOfSignIn {
    return { userId: this.#moment.person.id, errorCode: this.#code, signInEventTypes: INTERACTIVE };
  }

  get presentTo(): number {
    return this.#moment.person.presentTo;
  }

  get random(): Random {
    return randomOf(this.#moment).fork('sign-in', this.#code);
  }

  get id(): string {
    return String(this.record['id']);
  }

  get record(): Raw {
    return signInRecord(this.#moment.draft, this.#facts(), this.random.fork('record'));
  }

  #facts(): SignInFacts {
    const { draft, person, day, at } = this.#moment;
    const facts = success(draft, person, day, at, randomOf(this.#moment));
    if (this.#code === 0) return facts;
    return before(facts, this.#code, this.at, this.random.fork('facts').guid());
  }
}

/** What a client fetched after a sign-in. */
class CrowdRefresh implements LogRecord {
  readonly #signIn: CrowdSignIn;
  readonly at: number;
  readonly availableAt: number;

  constructor(signIn: CrowdSignIn, at: number, availableAt: number) {
    this.#signIn = signIn;
    this.at = at;
    this.availableAt = availableAt;
  }

  get known(): KnownOfSignIn {
    return { ...this.#signIn.known, signInEventTypes: NON_INTERACTIVE };
  }

  get id(): string {
    return String(this.record['id']);
  }

  get record(): Raw {
    return refresh(this.#signIn.record, this.at, this.#signIn.random.fork('refresh', this.at)).record;
  }
}
