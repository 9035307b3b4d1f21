import { collectors, intervalOf, permissionNeeded, type Collector } from '../collectors/index.ts';
import type { Missing } from '../detection/assess.ts';
import type { Licence } from '../model/licence.ts';
import { certificateEnd } from '../microsoft/index.ts';
import { logSources } from '../records/index.ts';
import type { Db } from '../store/database.ts';
import { NO_TROUBLE, type ProgramFacts } from '../store/program.ts';
import { mailCounts, ownApplication, weakened } from '../store/program-facts.ts';
import { sourceStates } from '../store/reads.ts';
import { plainTitle, titleList, titlesOf, type CapabilityFact } from './self-watch-capabilities.ts';
import { gatherGaps } from './self-watch-gaps.ts';
import type { SelfWatchOptions } from './self-watch.ts';

type Trouble = ProgramFacts['troubles'][number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A gap and a mail of longer ago are history. */
const LOOKED_BACK_MS = 30 * DAY_MS;
/** The slowest interval is a day: without an ok read for longer than this a source is not read (as in the weekly mail). */
const STALE_MS = 26 * HOUR_MS;
/** Sources named of those that are not read; more are counted. */
const MOST_SOURCES = 5;

/** Gaps, our own credentials, mails that do not arrive, and sight that was lost. */
export async function gatherTroubles(
  options: SelfWatchOptions & { readonly capabilities: readonly CapabilityFact[] },
): Promise<Trouble[]> {
  const { database, tenant, now } = options;
  const { db } = database;
  const known = new Map(options.capabilities.map((row) => [row.name, row]));
  const states = new Map(options.capabilities.map((row) => [row.name, row.state]));
  return [
    ...(await gatherGaps(db, tenant.id, states, now - LOOKED_BACK_MS, now)),
    ...(await credentials(options)),
    ...(await mails(db, tenant.id, now)),
    ...(await lostSights(db, options, known)),
    ...(await unreadSources(db, options, states)),
  ];
}

type States = ReadonlyMap<string, string>;

interface OwnCredential {
  readonly id: string;
  readonly form: 'secret' | 'certificate';
  readonly name: string;
  readonly endsAt: number;
}

async function credentials({ database, tenant, now }: SelfWatchOptions): Promise<Trouble[]> {
  const own = await ownCredentials(database.db, tenant, now);
  return own.map(({ id, form, name, endsAt }) => ({
    ...NO_TROUBLE,
    kind: 'credential',
    id,
    name,
    reason: form,
    ends_at: endsAt,
    // Another one lives longer: perhaps it is in use already.
    waiting: own.some((other) => other.endsAt > endsAt + DAY_MS) ? 1 : 0,
  }));
}

/** Of a certificate the file that is used; of a secret what the registration in this tenant says, where it is here. */
async function ownCredentials(
  db: Db,
  { id: tenantId, credential }: SelfWatchOptions['tenant'],
  now: number,
): Promise<OwnCredential[]> {
  if (credential.type === 'certificate') {
    const endsAt = await certificateEnd(credential.file);
    return endsAt === null
      ? []
      : [{ id: 'file', form: 'certificate', name: credential.file.split(/[\\/]/).at(-1) ?? '', endsAt }];
  }
  if (credential.type !== 'secret') return [];
  const application = await ownApplication(db, tenantId, credential.clientId);
  const secrets = application?.['secrets'];
  const list = Array.isArray(secrets) ? (secrets as Record<string, unknown>[]) : [];
  return list.flatMap(({ key_id: key, name, start_at: from, end_at: to }) => {
    const isUsable = typeof to === 'number' && !(typeof from === 'number' && from > now);
    const named = typeof name === 'string' && name !== '' ? name : String(key);
    return isUsable ? [{ id: String(key), form: 'secret' as const, name: named, endsAt: to }] : [];
  });
}

async function mails(db: Db, tenantId: string, now: number): Promise<Trouble[]> {
  const counts = await mailCounts(db, tenantId, now - LOOKED_BACK_MS);
  return counts
    .filter((one) => one.failed + one.waiting > 0)
    .map((one) => ({
      ...NO_TROUBLE,
      kind: 'mail',
      id: one.recipient,
      name: one.recipient,
      reason: one.error,
      since: one.since,
      amount: one.failed,
      waiting: one.waiting,
    }));
}

/** Reasons that are no loss of sight: not asked yet, not carried by records, or waiting for more of them. */
const NO_LOSS: ReadonlySet<string> = new Set([
  ...['gap', 'baseline', 'too_many', 'not_read_yet', 'not_carried', 'stand_in', 'in_part'],
  ...['no_placeholder', 'too_many_values'],
]);

type Known = ReadonlyMap<string, CapabilityFact>;

async function lostSights(db: Db, { tenant }: SelfWatchOptions, known: Known): Promise<Trouble[]> {
  const found = new Map<string, { source: string; why: string; since: number; titles: string[] }>();
  for (const { title, reason, since } of await weakened(db, tenant.id)) {
    const missing = reason === null ? [] : (JSON.parse(reason) as Missing[]);
    for (const lack of missing) {
      const loss = lossOf(lack, known);
      if (loss === null) continue;
      const id = `${loss.without}/${loss.why}`;
      const one = found.get(id) ?? { source: loss.without, why: loss.why, since, titles: [] };
      const name = plainTitle({ title });
      if (!one.titles.includes(name)) one.titles.push(name);
      found.set(id, { ...one, since: Math.min(one.since, since) });
    }
  }
  return [...found].map(([id, one]) => sight(id, one.source, one.why, one.since, one.titles));
}

function sight(id: string, name: string, why: string, since: number, titles: readonly string[]): Trouble {
  const facts = { id, name, reason: why, since, amount: titles.length, titles: titleList(titles) };
  return { ...NO_TROUBLE, kind: 'sight', ...facts };
}

/** What was lost of all that a detection lacks: nothing where it never was there, is back, or is told as an alert of its own. */
function lossOf({ without, why }: Missing, known: Known): Missing | null {
  if (NO_LOSS.has(why) || /^(context\.|%)/.test(without)) return null;
  const collector = collectors.find((one) => one.source === without);
  if (collector === undefined) return { without, why };
  const own = known.get(`source:${without}`);
  // The assessment is of the last round: what is read again since is no loss.
  if (own?.state !== 'off') return null;
  if (own.state_before === null) return lossOfStandIn(without, known);
  return isToldElsewhere(collector, why, known) ? null : { without, why };
}

/** Of a source that was never read: what stood in for it was lost, or there was nothing to lose. */
function lossOfStandIn(without: string, known: Known): Missing | null {
  const standIn = [...logSources.values()].find((log) => log.standsIn?.forSource === without)?.standsIn;
  const instead = known.get(`source:${standIn?.bySource ?? ''}`);
  if (standIn === undefined || instead?.state !== 'off' || instead.state_before === null) return null;
  return lossOf({ without: standIn.bySource, why: instead.reason ?? 'off' }, known);
}

/** A licence or a permission that is gone is an alert of its own, which names the same detections. */
function isToldElsewhere(collector: Collector, why: string, known: Known): boolean {
  const { licence } = collector.needs;
  const isLost = (name: string): boolean => {
    const row = known.get(name);
    return row?.state === 'off' && row.state_before === 'full';
  };
  if (why === 'no_licence') return licence !== null && isLost(`licence:${licence}`);
  if (why !== 'no_permission') return false;
  const licensed = (one: Licence): boolean | null => known.get(`licence:${one}`)?.state !== 'off';
  return isLost(`role:${permissionNeeded(collector, licensed)}`);
}

/** Sources that are on and were not read for long: one trouble for all, because one thing is behind it mostly. */
async function unreadSources(
  db: Db,
  { catalogue, tenant, now }: SelfWatchOptions,
  states: States,
): Promise<Trouble[]> {
  // Nothing at all can be read then, and that is an alert of its own.
  if (states.get('access') === 'off') return [];
  const known = new Map((await sourceStates(db, tenant.id)).map((row) => [row.source, row]));
  const unread = collectors.flatMap((collector) => {
    const state = known.get(collector.source);
    if (state?.last_ok_at == null || state.last_status === 'ok') return [];
    if (states.get(`source:${collector.source}`) === 'off') return [];
    const limit = Math.max(STALE_MS, 3 * intervalOf(collector));
    return now - state.last_ok_at > limit ? [{ source: collector.source, at: state.last_ok_at }] : [];
  });
  if (unread.length === 0) return [];
  const names = unread.map(({ source }) => source);
  const more = names.length > MOST_SOURCES ? ` (+${names.length - MOST_SOURCES})` : '';
  const since = Math.min(...unread.map(({ at }) => at));
  const titles = titlesOf(catalogue, new Set(names));
  return [sight('unread', `${names.slice(0, MOST_SOURCES).join(', ')}${more}`, 'not_read', since, titles)];
}
