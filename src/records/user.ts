import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, objects, own, sorted, text, texts, type Raw } from './property.ts';
import { instant } from './time.ts';

/** `$select` without what may need a permission of its own: for a tenant that refuses `userSelect`. */
export const userSelectPlain: readonly string[] = [
  'id',
  'userPrincipalName',
  'displayName',
  'mail',
  'accountEnabled',
  'userType',
  'createdDateTime',
  'assignedLicenses',
  'assignedPlans',
  'onPremisesSyncEnabled',
  'employeeHireDate',
  'department',
  'usageLocation',
  'externalUserState',
  'proxyAddresses',
  'signInSessionsValidFromDateTime',
];

/** `$select` of users and users/delta. employeeLeaveDateTime may need User-LifeCycleInfo.Read.All [graph-facts 5]. */
export const userSelect: readonly string[] = [...userSelectPlain, 'employeeLeaveDateTime'];

/** Capability states under which a plan works: a subscription in its grace period still does. */
const PLAN_ON = new Set(['enabled', 'warning']);

/** A user, whole: what a delta page brings is merged into the last known object first. */
export function parseUser(raw: unknown): Parsed<EntityRecord> {
  const user = object(raw);
  const id = objectId(own(user, 'id'));
  if (user === null || id === null) return refused('the user has no id');
  const json = {
    upn: text(own(user, 'userPrincipalName')),
    name: text(own(user, 'displayName')),
    mail: text(own(user, 'mail'))?.toLowerCase() ?? null,
    enabled: flag(own(user, 'accountEnabled')),
    kind: userKind(user),
    created_at: instant(own(user, 'createdDateTime')),
    leave_at: instant(own(user, 'employeeLeaveDateTime')),
    hired_at: instant(own(user, 'employeeHireDate')),
    department: text(own(user, 'department')),
    usage_location: text(own(user, 'usageLocation')),
    synced: flag(own(user, 'onPremisesSyncEnabled')) === true,
    external_state: text(own(user, 'externalUserState')),
    proxy_addresses: sorted(texts(own(user, 'proxyAddresses'))),
    sessions_valid_from: instant(own(user, 'signInSessionsValidFromDateTime')),
    deleted_at: instant(own(user, 'deletedDateTime')),
    licences: userLicences(user),
    exchange: hasExchange(user),
    manager_id: objectId(own(object(own(user, 'manager')), 'id')),
  };
  return accepted({ kind: 'user', id, json, scalars: userScalars(id, json) });
}

interface UserFacts {
  readonly upn: string | null;
  readonly name: string | null;
  readonly kind: 'member' | 'guest';
  readonly enabled: boolean | null;
  readonly created_at: number | null;
  readonly leave_at: number | null;
  readonly synced: boolean;
  readonly manager_id: string | null;
  readonly department: string | null;
  readonly usage_location: string | null;
  readonly external_state: string | null;
  readonly licences: readonly string[];
}

function userScalars(id: string, user: UserFacts): EntityRecord['scalars'] {
  return {
    user_account: [
      {
        upn: user.upn ?? id,
        name: user.name,
        kind: user.kind,
        // Only a clear "false" is a disabled account: unknown must not look like a leaver.
        enabled: user.enabled === false ? 0 : 1,
        created_at: user.created_at,
        leave_at: user.leave_at,
        synced: user.synced ? 1 : 0,
        manager_id: user.manager_id,
        department: user.department,
        usage_location: user.usage_location,
        external_state: user.external_state,
      },
    ],
    user_licence: user.licences.map((sku_id) => ({ sku_id })),
  };
}

/** userType is null on old accounts; there the `#EXT#` of an invited one's name tells a guest. */
function userKind(user: Raw): 'member' | 'guest' {
  const type = text(own(user, 'userType'))?.toLowerCase();
  if (type === undefined)
    return text(own(user, 'userPrincipalName'))?.includes('#EXT#') === true ? 'guest' : 'member';
  return type === 'guest' ? 'guest' : 'member';
}

function userLicences(user: Raw): string[] {
  const ids = objects(own(user, 'assignedLicenses')).map((licence) => objectId(own(licence, 'skuId')));
  return sorted(ids.filter((id) => id !== null));
}

/** Whether an Exchange plan is on; null when the plans were not read. */
function hasExchange(user: Raw): boolean | null {
  const plans = own(user, 'assignedPlans');
  if (!Array.isArray(plans)) return null;
  return objects(plans).some(
    (plan) =>
      text(own(plan, 'service'))?.toLowerCase() === 'exchange' &&
      PLAN_ON.has(text(own(plan, 'capabilityStatus'))?.toLowerCase() ?? ''),
  );
}
