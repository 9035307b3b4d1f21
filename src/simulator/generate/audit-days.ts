import type { LocalDay } from './calendar.ts';
import { isoSeconds, MINUTE } from './calendar.ts';
import type { Actor } from './audit.ts';
import { addAudit, changed, target, userTarget } from './audit.ts';
import type { Activity } from './data/activities.ts';
import { ACTIVITY } from './data/activities.ts';
import { DEVICE_REGISTRATION, SUBSTRATE_MANAGEMENT } from './data/apps.ts';
import type { TenantDraft } from './draft.ts';
import { patchUser, personOf } from './draft.ts';
import type { Person } from './people.ts';
import type { Random } from './random.ts';
import { holdsRole } from './roles.ts';
import type { LogRecord, Raw } from '../world.ts';

/** The company's groups, by name. */
export const GROUPS = ['Alle Mitarbeiter', 'Projektteam Nord', 'VPN Nutzer', 'Drucker EG'];

/** Adds what an ordinary day leaves in the directory audits: services at work, and now and then a person. */
export function addHabitualAudits(draft: TenantDraft): void {
  for (const day of draft.days) {
    const draw = draft.random.fork('audits', day.date);
    addServiceWork(draft, day, draw.fork('services'));
    if (day.working) addPeopleWork(draft, day, draw.fork('people'));
  }
}

/** An administrator at the office. */
export function operatorActor(draft: TenantDraft, key = draft.cast.operator): Actor {
  return { person: personOf(draft, key), ipAddress: draft.cast.office.ipAddress };
}

/** One audit of a known activity. */
export function record(
  draft: TenantDraft,
  kind: Activity,
  what: {
    at: number;
    actor: Actor;
    targets: readonly Raw[];
    correlationId?: string;
    resultReason?: string;
    details?: readonly Raw[];
    delay?: number;
  },
  draw: Random,
): LogRecord {
  return addAudit(draft, { ...kind, correlationId: draw.guid(), ...what }, draw);
}

function addServiceWork(draft: TenantDraft, day: LocalDay, draw: Random): void {
  const people = present(draft, day);
  const share = (people.length / 30) * (day.working ? 1 : 0.2);
  const times = (most: number) =>
    Array.from({ length: Math.round(draw.int(most / 2, most) * share) }, () => day.at(6 + draw.next() * 15));
  for (const at of times(14)) {
    const changes = [
      changed('Included Updated Properties', null, ''),
      changed('TargetId.UserType', null, 'Member'),
    ];
    const targets = [userTarget(draw.pick(people), changes)];
    record(draft, ACTIVITY.updateUser, { at, actor: { service: SUBSTRATE_MANAGEMENT }, targets }, draw);
  }
  for (const at of times(18)) {
    const targets = [deviceTarget(draw.pick(people), at, draw)];
    record(draft, ACTIVITY.updateDevice, { at, actor: { service: DEVICE_REGISTRATION }, targets }, draw);
  }
  if (draft.cast.synced) addSynchronisation(draft, day, draw);
}

/** The synchronisation account writes what changed on premises. */
function addSynchronisation(draft: TenantDraft, day: LocalDay, draw: Random): void {
  const actor = operatorActor(draft, 'sync');
  const synced = draft.people.filter((person) => person.synced);
  for (let i = draw.int(0, 3); i > 0; i -= 1) {
    const changes = [changed('Included Updated Properties', null, 'LastDirSyncTime')];
    record(
      draft,
      ACTIVITY.updateUser,
      { at: day.at(draw.next() * 23), actor, targets: [userTarget(draw.pick(synced), changes)] },
      draw,
    );
  }
}

function addPeopleWork(draft: TenantDraft, day: LocalDay, draw: Random): void {
  const people = present(draft, day);
  const happens = (
    probability: number,
    act: (at: number, person: Person, one: Random) => void,
    label: string,
  ) => {
    const one = draw.fork(label);
    if (one.chance((probability * people.length) / 30))
      act(day.at(8.5 + one.next() * 8), one.pick(people), one);
  };
  happens(0.5, (at, person, one) => changeMembership(draft, at, person, one), 'group');
  happens(0.2, (at, person, one) => resetPassword(draft, at, person, one), 'reset');
  happens(0.25, (at, person, one) => changePassword(draft, at, person, one), 'change');
  happens(0.15, (at, person, one) => registerOwnPhone(draft, at, person, one), 'method');
  happens(0.3, (at, _person, one) => updateGroup(draft, at, one), 'update group');
}

function present(draft: TenantDraft, day: LocalDay): Person[] {
  const [start, end] = [day.at(0), day.at(23.9)];
  return draft.people.filter(
    (person) => person.kind === 'staff' && person.presentFrom <= start && person.presentTo >= end,
  );
}

/** Adds a member to a group or removes one. */
export function changeMembership(
  draft: TenantDraft,
  at: number,
  person: Person,
  draw: Random,
  joins = draw.chance(0.7),
): void {
  const group = draw.pick(GROUPS);
  const groupId = draft.random.fork('group', group).guid();
  const names = [
    changed('Group.ObjectID', ...order(joins, groupId)),
    changed('Group.DisplayName', ...order(joins, group)),
  ];
  const targets = [userTarget(person, names), target(groupId, 'Group', null)];
  const kind = joins ? ACTIVITY.addToGroup : ACTIVITY.removeFromGroup;
  record(draft, kind, { at, actor: operatorActor(draft), targets }, draw);
  draft.memberships.push({ at, group: groupId, person: person.id, joins });
}

/** [old, new]: what is added has no old value, what is removed no new one. */
function order(joins: boolean, value: string): [string | null, string | null] {
  return joins ? [null, value] : [value, null];
}

function resetPassword(draft: TenantDraft, at: number, person: Person, draw: Random): void {
  record(
    draft,
    ACTIVITY.resetPassword,
    { at, actor: operatorActor(draft), targets: [userTarget(person)] },
    draw,
  );
  patchUser(draft, person, at, newPassword(at));
}

function changePassword(draft: TenantDraft, at: number, person: Person, draw: Random): void {
  record(
    draft,
    ACTIVITY.changePassword,
    { at, actor: ownActor(draft, person), targets: [userTarget(person)] },
    draw,
  );
  patchUser(draft, person, at, newPassword(at));
}

function newPassword(at: number): Raw {
  return { lastPasswordChangeDateTime: isoSeconds(at), signInSessionsValidFromDateTime: isoSeconds(at) };
}

/** Who holds a role does not change methods as a habit: such a change is worth an alert (catalogue MF-04). */
function registerOwnPhone(draft: TenantDraft, at: number, person: Person, draw: Random): void {
  if (!holdsRole(draft, person, at)) registerSecurityInfo(draft, at, person, draw);
}

/**
 * A person sets up the Authenticator app; the directory logs the same change a moment later. Returns the first record.
 * `from` says where the person is, if not at the office, and the delay (ms) of the records, if not drawn.
 */
export function registerSecurityInfo(
  draft: TenantDraft,
  at: number,
  person: Person,
  draw: Random,
  from: { ipAddress?: string; delay?: number } = {},
): LogRecord {
  const { ipAddress = draft.cast.office.ipAddress, ...delay } = from;
  const resultReason = 'User registered Authenticator App with Notification and Code';
  const facts = { at, actor: { person, ipAddress }, targets: [userTarget(person)], resultReason, ...delay };
  const registered = record(draft, ACTIVITY.registeredSecurityInfo, facts, draw);
  const changes = [changed('StrongAuthenticationPhoneAppDetail', [], [{ DeviceName: 'Phone' }])];
  const service = { service: 'Azure MFA StrongAuthenticationService' };
  record(
    draft,
    ACTIVITY.updateUser,
    { at: at + MINUTE / 12, actor: service, targets: [userTarget(person, changes)], ...delay },
    draw,
  );
  return registered;
}

function updateGroup(draft: TenantDraft, at: number, draw: Random): void {
  const group = draw.pick(GROUPS);
  const changes = [
    changed('Description', [''], [group]),
    changed('Included Updated Properties', null, 'Description'),
  ];
  const targets = [target(draft.random.fork('group', group).guid(), 'Group', group, changes)];
  record(draft, ACTIVITY.updateGroup, { at, actor: operatorActor(draft), targets }, draw);
}

function ownActor(draft: TenantDraft, person: Person): Actor {
  return { person, ipAddress: draft.cast.office.ipAddress };
}

function deviceTarget(person: Person, at: number, draw: Random): Raw {
  const seen = isoSeconds(at - draw.int(1, 12) * 60 * MINUTE);
  const changes = [
    changed('ApproximateLastLogonTimeStamp', [seen], [isoSeconds(at)]),
    changed('Included Updated Properties', null, 'ApproximateLastLogonTimeStamp'),
    changed('TargetId.DeviceId', null, person.laptop.deviceId),
  ];
  return target(person.laptop.objectId, 'Device', person.laptop.displayName, changes);
}
