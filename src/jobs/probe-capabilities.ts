import {
  collectors,
  permissionNeeded,
  roleThatGives,
  tokenApiOf,
  type Collector,
} from '../collectors/index.ts';
import type { CredentialError } from '../errors.ts';
import type { Licence } from '../model/licence.ts';
import {
  currentCapabilities,
  saveCapabilities,
  type CapabilityRow,
  type CapabilityState,
} from '../store/capabilities.ts';
import { hasMailboxes, servicePlans } from '../store/tenant-facts.ts';
import { grantedRoles } from './capability.ts';
import type { CollectContext, SourceResult } from './collect.ts';
import { knowsLicence } from './collect-outcome.ts';

type Found = Map<string, CapabilityState>;
type Known = ReadonlyMap<string, CapabilityRow>;

const FULL: CapabilityState = { state: 'full', reason: null, detail: null };

/** Where a role came from, kept beside it: two tokens have roles of their own. */
const API_NAMES = {
  graph: 'Microsoft Graph',
  management: 'Office 365 Management APIs',
  exchange: 'Office 365 Exchange Online',
} as const;

/** Names of roles as Microsoft writes them; anything else in a token is not stored. */
const ROLE = /^[A-Za-z][A-Za-z0-9._-]{1,99}$/;

/**
 * Notes, after a round of reading, what the tenant lets us see: `access`, `plan:<service plan>`, `licence:<of ours>`,
 * `role:<permission>`, `auditing`, `defender`, `mailboxes`. Asks nothing of Microsoft but a token that is mostly there
 * already; `refused` is the credential error that ended the round.
 */
export async function probeCapabilities(
  context: CollectContext,
  results: readonly SourceResult[],
  refused: CredentialError | null,
): Promise<void> {
  if (results.length === 0) return;
  const { database, tenant, clock } = context;
  const known = await currentCapabilities(database.db, tenant.id);
  const found: Found = new Map();
  probeAccess(found, results, refused);
  if (refused === null) {
    const ok = new Set(results.filter((one) => one.outcome.status === 'ok').map((one) => one.source));
    if (ok.has('subscribed-skus')) await probeLicences(context, found, known);
    await probeRoles(context, found, known, results);
    probeAuditing(found, results, known);
    probeDefender(found, results, known);
    if (ok.has('users')) {
      const some = await hasMailboxes(database.db, tenant.id);
      found.set('mailboxes', some ? FULL : { state: 'off', reason: 'no_mailbox', detail: null });
    }
  }
  await database.transaction((tx) => saveCapabilities(tx, tenant.id, found, clock.now()));
}

/** A credential that is refused for good is not one 403: the sign-in service names what is wrong. */
function probeAccess(found: Found, results: readonly SourceResult[], refused: CredentialError | null): void {
  if (refused !== null) {
    const reason = refused.aadsts === 0 ? 'credential' : `AADSTS${refused.aadsts}`;
    found.set('access', { state: 'off', reason, detail: refused.message });
  } else if (results.some((one) => one.outcome.status !== 'failed')) found.set('access', FULL);
}

/** A whole read of the licences is proof by itself. */
async function probeLicences(context: CollectContext, found: Found, known: Known): Promise<void> {
  const plans = await servicePlans(context.database.db, context.tenant.id);
  const off: CapabilityState = { state: 'off', reason: 'no_licence', detail: null };
  for (const plan of plans) found.set(`plan:${plan}`, FULL);
  for (const name of known.keys()) if (name.startsWith('plan:') && !found.has(name)) found.set(name, off);
  for (const licence of licencesNeeded())
    found.set(`licence:${licence}`, (await knowsLicence(context, licence)) === true ? FULL : off);
}

function licencesNeeded(): Licence[] {
  return [...new Set(collectors.flatMap(({ needs }) => needs.licence ?? []))];
}

/** Roles of the tokens of those APIs that were asked in this round. */
async function probeRoles(
  context: CollectContext,
  found: Found,
  known: Known,
  results: readonly SourceResult[],
): Promise<void> {
  const ran = new Map(results.map((one) => [one.source, one.outcome.status]));
  const licensed = await licensedIn(context);
  for (const api of ['graph', 'management', 'exchange'] as const) {
    const own = collectors.filter(({ needs }) => tokenApiOf(needs) === api && needs.permission !== '');
    const asked = own.filter(({ source }) => ran.has(source) && ran.get(source) !== 'failed');
    if (asked.length === 0) continue;
    const roles = await grantedRoles(context, api);
    if (roles === null) continue;
    // A token that cannot be read has no roles either; what it opened proves that it has some.
    if (roles.length === 0 && asked.some(({ source }) => ran.get(source) === 'ok')) continue;
    noteRoles(found, known, api, roles, neededOf(own, licensed));
  }
}

async function licensedIn(context: CollectContext): Promise<(licence: Licence) => boolean | null> {
  const known = new Map<Licence, boolean | null>();
  for (const licence of licencesNeeded()) known.set(licence, await knowsLicence(context, licence));
  return (licence) => known.get(licence) ?? null;
}

function neededOf(own: readonly Collector[], licensed: (licence: Licence) => boolean | null): Set<string> {
  return new Set(own.map((collector) => permissionNeeded(collector, licensed)));
}

function noteRoles(
  found: Found,
  known: Known,
  api: keyof typeof API_NAMES,
  roles: readonly string[],
  needed: ReadonlySet<string>,
): void {
  const detail = API_NAMES[api];
  const off: CapabilityState = { state: 'off', reason: 'no_permission', detail };
  for (const role of roles.filter((one) => ROLE.test(one))) found.set(`role:${role}`, { ...FULL, detail });
  for (const permission of needed) {
    const by = roleThatGives(permission, roles);
    found.set(`role:${permission}`, by === undefined ? off : { ...FULL, detail });
  }
  for (const [name, row] of known)
    if (name.startsWith('role:') && row.detail === detail && !found.has(name)) found.set(name, off);
}

/**
 * The audit log is off where the Management API said so of two sources in a round, or of one twice; it is on where content
 * could be listed. AF20022, AF20023 and AF20024 are about subscriptions and say nothing of it.
 */
function probeAuditing(found: Found, results: readonly SourceResult[], known: Known): void {
  const own = results.filter(({ source }) => source.startsWith('audit-'));
  const said = own.filter(({ outcome }) => outcome.status === 'skipped' && outcome.reason === 'auditing_off');
  const before = known.get('auditing');
  const twice = said.some(({ source }) => {
    const row = known.get(`source:${source}`);
    return row?.state === 'off' && row.reason === 'auditing_off';
  });
  const [first] = said;
  if (first !== undefined) {
    if (said.length < 2 && !twice && before !== undefined) return;
    const detail = first.outcome.status === 'skipped' ? first.outcome.detail : null;
    const off: CapabilityState = { state: 'off', reason: 'auditing_off', detail };
    found.set('auditing', off);
    // What two say of the tenant is true of each of them.
    for (const { source } of said) found.set(`source:${source}`, off);
  } else if (own.some(({ outcome }) => outcome.status === 'ok')) found.set('auditing', FULL);
}

/** Defender answers where a product reports to it; that it refuses is known when its sources are off (capability.ts). */
function probeDefender(found: Found, results: readonly SourceResult[], known: Known): void {
  const own = results.filter(({ source }) => source.startsWith('defender-'));
  if (own.some(({ outcome }) => outcome.status === 'ok')) {
    found.set('defender', FULL);
    return;
  }
  for (const { source } of own) {
    const row = known.get(`source:${source}`);
    if (row?.state === 'off') found.set('defender', { state: 'off', reason: row.reason, detail: row.detail });
  }
}
