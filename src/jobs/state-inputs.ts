import type { StateCollector, StateOptions } from '../collectors/index.ts';
import type { DnsResolver } from '../network/dns.ts';
import type { Db } from '../store/database.ts';
import { eachEntity, entitiesOf } from '../store/entities.ts';
import { activePeople, urgentPeople } from '../store/mailbox-urgency.ts';
import { mailboxUsers, watchedGroups } from '../store/tenant-facts.ts';

export interface InputsWanted {
  readonly db: Db;
  readonly tenantId: string;
  readonly collector: StateCollector;
  readonly lastReads: ReadonlyMap<string, number>;
  readonly dns: DnsResolver | null;
  readonly now: number;
  /** Read all of it now, whatever the plan. */
  readonly everything: boolean;
}

/** What a state source is given of what we know: the mailboxes, groups, users or domains it asks about. */
export async function stateInputs(
  wanted: InputsWanted,
): Promise<Pick<StateOptions, 'mailboxes' | 'groups' | 'users' | 'dns'>> {
  const { db, tenantId, lastReads } = wanted;
  const { source, readsMailboxes } = wanted.collector;
  return {
    mailboxes: readsMailboxes === true ? await mailboxesInTurn(wanted) : [],
    groups: source === 'groups' ? await watchedGroups(db, tenantId) : [],
    users: source === 'registration-details' ? await usersInTurn(db, tenantId, lastReads) : [],
    dns: source === 'mail-domains-dns' ? await mailDns(db, tenantId, wanted.dns) : null,
  };
}

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

/** Tenants of this size are read whole each hour: 15 batches of 20. */
const WHOLE = 300;

/** Of a larger tenant this part of the mailboxes is read in an hourly round, so that each has its turn twice a day. */
const PART = 12;

/** Where somebody was active in the last day, the time since the last read counts so many times. */
const ACTIVE_WEIGHT = 4;

/**
 * Mailboxes with a plan that is on, in the order in which this round reads them. First the people whose mailbox matters most
 * (roles, VIPs, whoever was in an alert in the last 7 days), every round; then those not read for longest, spread over the
 * day, the active ones earlier. An interrupted round loses none for ever.
 */
async function mailboxesInTurn({
  db,
  tenantId,
  lastReads,
  now,
  everything,
}: InputsWanted): Promise<string[]> {
  const all = await mailboxUsers(db, tenantId);
  const urgent = await urgentPeople(db, tenantId, now - 7 * DAY);
  const active = all.length > WHOLE ? await activePeople(db, tenantId, now - DAY) : new Set<string>();
  const waiting = (id: string) =>
    (now - (lastReads.get(id) ?? Number.NEGATIVE_INFINITY)) * (active.has(id) ? ACTIVE_WEIGHT : 1);
  const order = (a: string, b: string) =>
    waiting(a) === waiting(b) ? (a < b ? -1 : 1) : waiting(b) - waiting(a);
  const first = all.filter((id) => urgent.has(id)).sort(order);
  const rest = all.filter((id) => !urgent.has(id)).sort(order);
  const turn = everything ? rest.length : Math.max(WHOLE - first.length, Math.ceil(all.length / PART));
  return [...first, ...rest.slice(0, Math.max(turn, 0))];
}

/**
 * Users who may sign in, in the order in which they are read one by one: those read longest ago first, and of those never
 * read whoever holds a role.
 */
async function usersInTurn(
  db: Db,
  tenantId: string,
  lastReads: ReadonlyMap<string, number>,
): Promise<string[]> {
  const held = await entitiesOf(db, tenantId, 'role_assignment');
  const holders = new Set([...held.values()].map((assignment) => assignment['principal_id']));
  const ids: string[] = [];
  for await (const [id, user] of eachEntity(db, tenantId, 'user'))
    if (user['enabled'] !== false) ids.push(id);
  const rank = (id: string) => lastReads.get(id) ?? (holders.has(id) ? -1 : 0);
  return ids.sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
}

/** The DNS to ask, and the domains to ask about; null where the operator did not switch it on. */
async function mailDns(db: Db, tenantId: string, resolver: DnsResolver | null): Promise<StateOptions['dns']> {
  return resolver === null ? null : { resolver, domains: await mailDomains(db, tenantId) };
}

/** Verified domains but the one that Microsoft gave (`….onmicrosoft.com`), whose records are Microsoft's own. */
async function mailDomains(db: Db, tenantId: string): Promise<string[]> {
  const domains = new Set<string>();
  for (const organization of (await entitiesOf(db, tenantId, 'organization')).values()) {
    for (const name of Array.isArray(organization['domains']) ? organization['domains'] : [])
      if (name !== organization['initial_domain']) domains.add(String(name));
  }
  return [...domains].filter((name) => !name.endsWith('.onmicrosoft.com')).sort();
}
