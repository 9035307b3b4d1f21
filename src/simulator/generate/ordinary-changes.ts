import { HOUR, isoSeconds, MINUTE, workingDayBefore } from './calendar.ts';
import { addObject, addPrincipal, principalId } from './applications.ts';
import { changed, target, userTarget } from './audit.ts';
import { changeMembership, operatorActor, record, registerSecurityInfo } from './audit-days.ts';
import { ACTIVITY } from './data/activities.ts';
import { GRAPH } from './data/apps.ts';
import type { TenantDraft } from './draft.ts';
import { patchUser, personOf } from './draft.ts';
import type { Person } from './people.ts';
import type { Random } from './random.ts';
import { licenceFields } from './users.ts';

/** A joiner, a leaver who is cleaned up within the hour, a guest, a promotion, an application: state and audits that agree. */
export function addOrdinaryChanges(draft: TenantDraft): void {
  const { cast, to } = draft;
  join(draft, personOf(draft, cast.joiner), workingDayBefore(to, cast.zone, 9).at(9.2));
  if (cast.leaver) leave(draft, personOf(draft, cast.leaver), workingDayBefore(to, cast.zone, 7).at(16.3));
  invite(draft, personOf(draft, cast.invited), workingDayBefore(to, cast.zone, 6).at(11.1));
  promote(draft, personOf(draft, cast.promoted), workingDayBefore(to, cast.zone, 5).at(14.4));
  consent(draft, workingDayBefore(to, cast.zone, 8).at(10.6));
}

function join(draft: TenantDraft, person: Person, at: number): void {
  const draw = draft.random.fork('joiner');
  person.presentFrom = at + HOUR;
  createAccount(draft, person, at, draw);
  registerSecurityInfo(draft, at + 70 * MINUTE, person, draw);
}

/** A new account, licensed three minutes later and then in a group, in the directory and in the audits. */
export function createAccount(draft: TenantDraft, person: Person, at: number, draw: Random): void {
  const actor = operatorActor(draft);
  const licensed = at + 3 * MINUTE;
  person.createdAt = at;
  patchUser(draft, person, at, licenceFields([], at));
  patchUser(draft, person, licensed, licenceFields(person.sku ? [person.sku] : [], licensed));
  const created = [
    changed('AccountEnabled', [], [true]),
    changed('DisplayName', [], [person.displayName]),
    changed('UserPrincipalName', [], [person.upn]),
    changed('UserType', [], ['Member']),
    changed('Included Updated Properties', null, 'AccountEnabled, DisplayName, UserPrincipalName, UserType'),
  ];
  record(draft, ACTIVITY.addUser, { at, actor, targets: [userTarget(person, created)] }, draw);
  record(draft, ACTIVITY.changeLicence, { at: licensed, actor, targets: [userTarget(person)] }, draw);
  changeMembership(draft, at + 6 * MINUTE, person, draw, true);
}

function leave(draft: TenantDraft, person: Person, at: number): void {
  const draw = draft.random.fork('leaver');
  const actor = operatorActor(draft);
  const unlicensed = at + 40 * MINUTE;
  person.presentTo = at;
  disableAccount(draft, person, at);
  patchUser(draft, person, unlicensed, licenceFields([], unlicensed, person.sku ? [person.sku] : []));
  record(draft, ACTIVITY.changeLicence, { at: unlicensed, actor, targets: [userTarget(person)] }, draw);
}

/** Switches an account off, in the directory and in the audits: `Disable account` and `Update user` of one correlation. */
export function disableAccount(draft: TenantDraft, person: Person, at: number): void {
  const draw = draft.random.fork('disable', person.key);
  const changes = [
    changed('AccountEnabled', [true], [false]),
    changed('Included Updated Properties', null, 'AccountEnabled'),
  ];
  const facts = { at, actor: operatorActor(draft), correlationId: draw.guid() };
  patchUser(draft, person, at, { accountEnabled: false, employeeLeaveDateTime: isoSeconds(at) });
  record(draft, ACTIVITY.updateUser, { ...facts, targets: [userTarget(person, changes)] }, draw);
  record(draft, ACTIVITY.disableAccount, { ...facts, targets: [userTarget(person, changes)] }, draw);
}

function invite(draft: TenantDraft, guest: Person, at: number): void {
  const draw = draft.random.fork('guest');
  const accepted = at + 2 * HOUR;
  const state = (externalUserState: string, when: number) => ({
    externalUserState,
    externalUserStateChangeDateTime: isoSeconds(when),
  });
  guest.createdAt = at;
  guest.presentFrom = accepted;
  patchUser(draft, guest, at, state('PendingAcceptance', at));
  patchUser(draft, guest, accepted, state('Accepted', accepted));
  const details = [{ key: 'invitedUserEmailAddress', value: guest.mail }];
  record(
    draft,
    ACTIVITY.invite,
    { at, actor: operatorActor(draft), targets: [userTarget(guest)], details },
    draw,
  );
  record(
    draft,
    ACTIVITY.redeem,
    { at: accepted, actor: { person: guest, ipAddress: '192.0.2.200' }, targets: [userTarget(guest)] },
    draw,
  );
}

function promote(draft: TenantDraft, person: Person, at: number): void {
  const jobTitle = `Leitung ${person.department}`;
  const changes = [
    changed('JobTitle', [person.title], [jobTitle]),
    changed('Included Updated Properties', null, 'JobTitle'),
  ];
  patchUser(draft, person, at, { jobTitle });
  const draw = draft.random.fork('promotion');
  record(
    draft,
    ACTIVITY.updateUser,
    { at, actor: operatorActor(draft), targets: [userTarget(person, changes)] },
    draw,
  );
}

/** An administrator consents for everybody to an application that may only read who signs in. */
function consent(draft: TenantDraft, at: number): void {
  const draw = draft.random.fork('consent');
  const [id, appId] = [draw.guid(), draw.guid()];
  const name = 'Zeiterfassung Online';
  const facts = {
    actor: operatorActor(draft, adminOf(draft)),
    correlationId: draw.guid(),
    details: [{ key: 'AppId', value: appId }],
  };
  const grant = [changed('DelegatedPermissionGrant.Scope', null, ' User.Read openid profile')];
  const context = [
    changed('ConsentContext.IsAdminConsent', null, 'True'),
    changed('ConsentContext.IsAppOnly', null, 'False'),
    changed('ConsentContext.OnBehalfOfAll', null, 'True'),
    changed('ConsentContext.Tags', null, 'WindowsAzureActiveDirectoryIntegratedApp'),
    changed(
      'ConsentAction.Permissions',
      null,
      '[] => [[ConsentType: AllPrincipals, Scope:  User.Read openid profile]]; ',
    ),
    changed('TargetId.ServicePrincipalNames', null, appId),
  ];
  const app = (changes: Parameters<typeof target>[3]) => [target(id, 'ServicePrincipal', name, changes)];
  record(
    draft,
    ACTIVITY.addServicePrincipal,
    { ...facts, at, targets: app([changed('DisplayName', [], [name])]) },
    draw,
  );
  record(draft, ACTIVITY.addDelegatedGrant, { ...facts, at: at + MINUTE / 60, targets: app(grant) }, draw);
  record(draft, ACTIVITY.consent, { ...facts, at: at + MINUTE / 30, targets: app(context) }, draw);
  const ownerTenant = draft.random.fork('consent', 'publisher').guid();
  addPrincipal(draft, { name, id, appId, from: at, ownerTenant, publisher: 'Zeiterfassung Online GmbH' });
  addObject(draft, 'oauth2Grants', at + MINUTE / 60, {
    id: draft.random.fork('consent', 'grant').text(43, GRANT_ALPHABET),
    clientId: id,
    consentType: 'AllPrincipals',
    principalId: null,
    resourceId: principalId(draft, GRAPH.appId),
    scope: ' User.Read openid profile',
  });
}

const GRANT_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function adminOf(draft: TenantDraft): string {
  return draft.people.find((person) => person.kind === 'admin')?.key ?? draft.cast.operator;
}
