import { DAY, HOUR, isoSeconds } from './calendar.ts';
import type { Sku } from './data/skus.ts';
import type { TenantDraft } from './draft.ts';
import { versionsOf } from './draft.ts';
import type { Person } from './people.ts';
import type { Raw, StateObject } from '../world.ts';

/** Every account over time: its first form and the patches that habits and stories left. */
export function userObjects(draft: TenantDraft): StateObject[] {
  return draft.people.map((person) => {
    const first = { from: person.createdAt, value: userObject(draft, person) };
    const patches = (draft.userPatches.get(person.id) ?? []).filter(({ from }) => from <= draft.to);
    return { id: person.id, versions: versionsOf(first, patches) };
  });
}

/** The licence properties of a user; plans of licences taken away stay, marked Deleted (graph-facts 5, Graph's examples). */
export function licenceFields(skus: readonly Sku[], at: number, taken: readonly Sku[] = []): Raw {
  return {
    assignedLicenses: skus.map(({ skuId }) => ({ disabledPlans: [], skuId })),
    assignedPlans: [...plansOf(skus, 'Enabled', at), ...plansOf(taken, 'Deleted', at)],
    licenseAssignmentStates: skus.map(({ skuId }) => ({
      skuId,
      disabledPlans: [],
      assignedByGroup: null,
      state: 'Active',
      error: 'None',
      lastUpdatedDateTime: isoSeconds(at),
    })),
  };
}

function plansOf(skus: readonly Sku[], capabilityStatus: string, at: number): Raw[] {
  const assignedDateTime = isoSeconds(at);
  return skus.flatMap(({ plans }) =>
    plans.map(({ id, service }) => ({ assignedDateTime, capabilityStatus, service, servicePlanId: id })),
  );
}

function userObject(draft: TenantDraft, person: Person): Raw {
  return {
    ...profile(person),
    ...account(draft, person),
    ...licenceFields(person.sku ? [person.sku] : [], person.createdAt),
    ...activityBefore(draft, person),
  };
}

/** Sign-ins before the data: who works here was seen in the four days before it. Later ones the server takes from the log. */
function activityBefore(draft: TenantDraft, person: Person): Raw {
  const worked = person.createdAt < draft.from && person.presentFrom <= draft.from;
  if (!worked || !['staff', 'admin', 'guest'].includes(person.kind)) return {};
  const draw = person.random.fork('before the data');
  const [at, id] = [isoSeconds(draft.from - draw.int(1, 96) * HOUR), `${draw.guid().slice(0, -2)}00`];
  return {
    signInActivity: {
      lastSignInDateTime: at,
      lastSignInRequestId: id,
      lastNonInteractiveSignInDateTime: at,
      lastNonInteractiveSignInRequestId: id,
      lastSuccessfulSignInDateTime: at,
      lastSuccessfulSignInRequestId: id,
    },
  };
}

function profile(person: Person): Raw {
  const employee = person.kind === 'staff';
  const office = employee ? '+49 221 5550' : null;
  return {
    id: person.id,
    displayName: person.displayName,
    givenName: person.given || null,
    surname: person.surname || null,
    userPrincipalName: person.upn,
    mail: person.mail,
    mailNickname: person.upn.split('@')[0],
    jobTitle: person.title || null,
    department: person.department || null,
    companyName: null,
    officeLocation: null,
    businessPhones: office ? [`${office}${person.random.fork('extension').int(100, 999)}`] : [],
    mobilePhone: null,
    preferredLanguage: employee ? 'de-DE' : null,
    usageLocation: person.sku ? 'DE' : null,
    employeeId: null,
    employeeType: employee ? 'Employee' : null,
    employeeHireDate: employee ? isoSeconds(person.createdAt) : null,
    employeeLeaveDateTime: null,
    otherMails: person.kind === 'guest' ? [person.mail] : [],
    proxyAddresses: proxyAddresses(person),
  };
}

function account(draft: TenantDraft, person: Person): Raw {
  const created = isoSeconds(person.createdAt);
  const password = isoSeconds(person.createdAt + person.random.fork('password').int(0, 200) * DAY);
  const guest = person.kind === 'guest';
  return {
    accountEnabled: person.kind !== 'shared' && person.kind !== 'former',
    userType: guest ? 'Guest' : 'Member',
    createdDateTime: created,
    creationType: guest ? 'Invitation' : null,
    externalUserState: guest ? 'Accepted' : null,
    externalUserStateChangeDateTime: guest ? created : null,
    deletedDateTime: null,
    lastPasswordChangeDateTime: password,
    signInSessionsValidFromDateTime: password,
    passwordPolicies: person.kind === 'service' ? 'DisablePasswordExpiration' : null,
    isResourceAccount: null,
    isManagementRestricted: null,
    identities: identities(draft, person),
    ...synchronisation(draft, person),
  };
}

function synchronisation(draft: TenantDraft, person: Person): Raw {
  const synced = person.synced === true;
  return {
    onPremisesSyncEnabled: synced ? true : null,
    onPremisesLastSyncDateTime: synced ? isoSeconds(draft.from) : null,
    onPremisesImmutableId: synced ? `${person.random.fork('anchor').text(22, ANCHOR_ALPHABET)}==` : null,
    onPremisesDomainName: synced ? draft.cast.domain : null,
    onPremisesSamAccountName: synced ? (person.upn.split('@')[0] ?? null) : null,
  };
}

const ANCHOR_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

function identities(draft: TenantDraft, person: Person): Raw[] {
  const issuer = draft.cast.initialDomain;
  const own = { signInType: 'userPrincipalName', issuer, issuerAssignedId: person.upn };
  const federated = { signInType: 'federated', issuer: 'ExternalAzureAD', issuerAssignedId: null };
  return person.kind === 'guest' ? [federated, own] : [own];
}

function proxyAddresses(person: Person): string[] {
  if (!person.mail) return [];
  const [local] = person.mail.split('@');
  return person.kind === 'staff'
    ? [`SMTP:${person.mail}`, `smtp:${(local ?? '').replace('.', '')}@${domainOf(person.mail)}`]
    : [`SMTP:${person.mail}`];
}

function domainOf(address: string): string {
  return address.slice(address.indexOf('@') + 1);
}
