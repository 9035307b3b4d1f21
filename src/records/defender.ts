import type { Act, EventRecord } from '../model/event.ts';
import { recordContent } from './content-hash.ts';
import { DEFENDER_ALERT, DEFENDER_INCIDENT } from './data/defender-fields.ts';
import { readEvidence, type Evidence, type NamedAccount } from './defender-evidence.ts';
import type { LogSource } from './log-source.ts';
import { makeOrigin } from './origin.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, own, text, type Raw } from './property.ts';
import { instant } from './time.ts';

const ALERTS = 'defender-alerts';
const INCIDENTS = 'defender-incidents';

/** Alerts of Microsoft Defender XDR, v1.0. */
export const defenderAlerts: LogSource = {
  feed: ALERTS,
  origins: { 'v1.0': makeOrigin(`${ALERTS}/v1.0`, 2, DEFENDER_ALERT) },
  parse: (raw, api) => parseDefender(ALERTS, 'the Defender alert', raw, api),
  acts: alertActs,
};

/** Incidents of Microsoft Defender XDR, v1.0; their alerts come by themselves and name them. */
export const defenderIncidents: LogSource = {
  feed: INCIDENTS,
  origins: { 'v1.0': makeOrigin(`${INCIDENTS}/v1.0`, 2, DEFENDER_INCIDENT) },
  parse: (raw, api) => parseDefender(INCIDENTS, 'the Defender incident', raw, api),
  acts: incidentActs,
};

function parseDefender(feed: string, what: string, raw: unknown, api: string): Parsed<EventRecord> {
  const record = object(raw);
  if (record === null) return refused(`${what} is no JSON object`);
  const id = text(own(record, 'id'));
  if (id === null) return refused(`${what} has no id`);
  // When Defender said so. The first activity may be weeks older, and the last one moves.
  const occurredAt = instant(own(record, 'createdDateTime')) ?? instant(own(record, 'firstActivityDateTime'));
  if (occurredAt === null)
    return refused(`${what} has neither createdDateTime nor firstActivityDateTime that is a time`);
  const content = recordContent(record, []);
  if (content === null) return refused(`${what} is nested too deep`);
  const isAlert = feed === ALERTS;
  return accepted({
    feed,
    nativeId: id,
    // Ids of incidents are plain numbers: only with the feed are they nobody else's.
    canonicalId: isAlert ? id : `${feed}:${id}`,
    occurredAt,
    origin: `${feed}/${api}`,
    contentHash: content.hash,
    activity: isAlert ? text(own(record, 'category')) : 'incident',
    outcome: null,
    ...namedFirst(readEvidence(record)),
    rawText: content.text,
  });
}

/** The columns that pages and enrichment ask for; an incident has no evidence and names nobody. */
function namedFirst({ accounts, ips, appId }: Evidence) {
  const [account] = accounts;
  const [address] = ips;
  const userId = account?.id ?? null;
  return { actorId: userId, userId, ip: address?.ip ?? null, appId, country: address?.country ?? null };
}

/**
 * When Defender last wrote an alert or incident, UTC epoch ms: windows of both sources are spans of it. Null for a record
 * that does not say.
 */
export function defenderUpdatedAt(record: EventRecord): number | null {
  const raw = object(JSON.parse(record.rawText) as unknown);
  return instant(own(raw, 'lastUpdateDateTime')) ?? instant(own(raw, 'createdDateTime'));
}

/** People and devices of one alert that its texts name. */
const MOST_NAMES = 10;

/** One act an alert, however many people it names: it is told once, about the one it happened to. */
function alertActs(record: Raw): Act[] {
  const id = text(own(record, 'id'));
  if (id === null) return [];
  const evidence = readEvidence(record);
  const subject = subjectOf(evidence) ?? `defender:${id}`;
  return [{ name: 'defender_alert', kind: 'do', subject, cause: id, words: alertWords(record, evidence) }];
}

function alertWords(record: Raw, { accounts, devices, ips }: Evidence): Record<string, string> {
  const people = accounts.map(shown);
  const computers = devices.map(({ name }) => name);
  return {
    subject: people[0] ?? computers[0] ?? said(record, 'title'),
    alert: said(record, 'title'),
    severity: said(record, 'severity'),
    category: said(record, 'category'),
    product: said(record, 'serviceSource'),
    status: said(record, 'status'),
    incident: said(record, 'incidentId'),
    people: named(people),
    devices: named(computers),
    country: ips[0]?.country ?? '',
    ip: ips[0]?.ip ?? '',
  };
}

function incidentActs(record: Raw): Act[] {
  const id = text(own(record, 'id'));
  if (id === null) return [];
  const words = {
    subject: said(record, 'displayName'),
    alert: said(record, 'displayName'),
    severity: said(record, 'severity'),
    status: said(record, 'status'),
    incident: id,
  };
  return [{ name: 'defender_incident', kind: 'do', subject: `defender-incident:${id}`, cause: id, words }];
}

function said(record: Raw, key: string): string {
  return text(own(record, key)) ?? '';
}

/** `user:<object id>`, else `upn:<name>`, else `device:<device id>`, else `host:<name>`. */
function subjectOf({ accounts: [account], devices: [device] }: Evidence): string | null {
  if (account !== undefined) return account.id === null ? `upn:${account.upn ?? ''}` : `user:${account.id}`;
  if (device === undefined) return null;
  return device.id === null ? `host:${device.name?.toLowerCase() ?? ''}` : `device:${device.id}`;
}

function shown({ upn, name, id }: NamedAccount): string | null {
  return upn ?? name ?? id;
}

function named(names: readonly (string | null)[]): string {
  return names
    .filter((name) => name !== null)
    .slice(0, MOST_NAMES)
    .join(', ');
}
