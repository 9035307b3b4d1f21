import { draws } from '../crash/points.ts';

/** A rule of the simulator's `POST {control}/faults`. */
export type Fault = Readonly<Record<string, unknown>>;

/** What goes wrong in one round of the service. */
export interface RoundPlan {
  /** The round is not done at all: the machine was asleep. */
  readonly missed?: boolean;
  /** ms by which the round is done later than it was due: the machine woke up late. */
  readonly lateMs?: number;
  readonly faults?: readonly Fault[];
  /** Every token issued so far is refused from the beginning of the round. */
  readonly revoked?: boolean;
  /** ms by which this machine's clock is off, each from an operation of the round on (0 = from its beginning). */
  readonly skews?: readonly { readonly at: number; readonly ms: number }[];
  /** Operations (from 1, counted over the lives of the round) at which the process dies, before they are done. */
  readonly crashes?: readonly number[];
}

export interface Plan {
  readonly seed: number;
  readonly rounds: readonly RoundPlan[];
}

export const CALM: Plan = { seed: 0, rounds: [] };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Requests by what their address contains; the first is any request at all. */
const TARGETS = [
  '/',
  '/',
  'auditLogs/signIns',
  'auditLogs/directoryAudits',
  'subscriptions/content',
  'subscriptions/start',
  'feed/audit/',
  'identityProtection',
  'users/delta',
  'groups/delta',
  'devices/delta',
  'roleManagement',
  'roleAssignments',
  '$batch',
  'messageRules',
  '/members',
  'applications',
  'servicePrincipals',
  'oauth2PermissionGrants',
  'userRegistrationDetails',
  'signInActivity',
  'policies',
  'conditionalAccess',
  'domains',
  'organization',
  'subscribedSkus',
  'secureScores',
  '/token',
  'openid-configuration',
] as const;

/** What one answer can be instead of itself. */
const FAULTS: readonly Fault[] = [
  { kind: 'status', status: 429 },
  { kind: 'status', status: 429, headers: { 'Retry-After': '7' } },
  { kind: 'status', status: 429, headers: { 'Retry-After': '120' } },
  // Longer than any read is waited for.
  { kind: 'status', status: 429, headers: { 'Retry-After': '7200' } },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 503, headers: { 'Retry-After': '30' } },
  { kind: 'status', status: 500 },
  { kind: 'status', status: 504 },
  { kind: 'status', status: 401 },
  { kind: 'close' },
  { kind: 'truncated' },
  { kind: 'malformed' },
  { kind: 'html' },
  { kind: 'portal' },
  { kind: 'empty' },
  { kind: 'no_object' },
  { kind: 'plain_type' },
  { kind: 'foreign_next_link' },
  { kind: 'loop_next_link' },
  { kind: 'shuffle' },
  { kind: 'delta_gone' },
  { kind: 'no_delta_link' },
];

/** How many answers a fault spoils: what is tried again at once is mended or not; null = until the round is over. */
const TIMES = [1, 1, 1, 2, 3, 10, 40, null] as const;

/** ms by which a clock can be off; what is ahead is put back when the next round begins. */
const SKEWS = [
  -10 * MINUTE,
  -3 * MINUTE,
  -30 * SECOND,
  -SECOND,
  5 * SECOND,
  2 * MINUTE,
  40 * MINUTE,
  3 * HOUR,
];

type Draw = <T>(list: readonly T[]) => T;

/**
 * The troubles of a seed over the rounds, of which a calm run does so many operations each. What the rules of the world
 * forbid, because a difference would then be right:
 * - the first round begins in time: what happened before it is the past to us, and is told as such;
 * - the third begins and ends well: what changes in the directory before it was first read is no change to anybody.
 */
export function planOf(seed: number, operations: readonly number[]): Plan {
  const random = draws(seed);
  const whole = (below: number): number => Math.floor(random() * below);
  const draw: Draw = (list) => list[whole(list.length)] as (typeof list)[number];
  const rounds = operations.map((count, index): RoundPlan => {
    if (index === 2) return {};
    const first = index === 0;
    return {
      ...(!first && random() < 0.1 ? { missed: true } : {}),
      ...(!first && random() < 0.2 ? { lateMs: whole(50) * MINUTE } : {}),
      ...(random() < 0.15 ? { revoked: true } : {}),
      faults: faults(random, whole, draw),
      ...(random() < 0.35 ? { skews: skews(whole, draw, count, first) } : {}),
      ...(random() < 0.5 ? { crashes: crashes(whole, count) } : {}),
    };
  });
  return { seed, rounds };
}

function faults(random: () => number, whole: (below: number) => number, draw: Draw): Fault[] {
  if (random() < 0.15) {
    // Everything is down for the whole round.
    return [{ ...draw(FAULTS.slice(0, 12)), match: '/', after: whole(30), times: null }];
  }
  return Array.from({ length: whole(9) }, () => {
    const match = draw(TARGETS);
    return { ...draw(FAULTS), match, after: whole(match === '/' ? 60 : 3), times: draw(TIMES) };
  });
}

function skews(
  whole: (below: number) => number,
  draw: Draw,
  count: number,
  first: boolean,
): { at: number; ms: number }[] {
  // An hour ahead at the very first, and the past would begin an hour later.
  const known = first ? SKEWS.filter((ms) => Math.abs(ms) < HOUR / 2) : SKEWS;
  const at = draw([0, whole(count), whole(count)]);
  const one = { at, ms: draw(known) };
  return whole(2) === 0 ? [one] : [one, { at: at + whole(count), ms: draw(known) }];
}

function crashes(whole: (below: number) => number, count: number): number[] {
  const found = new Set(Array.from({ length: 1 + whole(3) }, () => 1 + whole(count)));
  return [...found].sort((a, b) => a - b);
}
