import type { LogRecord, Raw } from '../../world.ts';
import type { TenantState } from '../state.ts';
import { auditRecord } from './audit-record.ts';
import { hashedFraction, hashedGuid } from './record-parts.ts';
import { signInRecord } from './sign-in-record.ts';
import { visitRecord } from './visit-record.ts';

export const CONTENT_TYPES = [
  'Audit.AzureActiveDirectory',
  'Audit.Exchange',
  'Audit.SharePoint',
  'Audit.General',
  'DLP.All',
] as const;
export type ContentType = (typeof CONTENT_TYPES)[number];

/** One blob: records that were put together at one time, in no order. Times UTC epoch ms. */
export interface Blob {
  readonly id: string;
  readonly createdAt: number;
  readonly records: readonly Raw[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Blobs are closed at these steps; how often the real service does it is told nowhere. */
const SLOT_MS = 10 * MINUTE;
const MOST_RECORDS = 100;

interface Entry {
  readonly record: Raw;
  readonly createdAt: number;
}

/** Every record of the audit log that could be searched at a time, each once, in no order. */
export function searchableAt(tenant: TenantState, now: number): Raw[] {
  const found = new Map<string, Raw>();
  for (const type of CONTENT_TYPES)
    for (const { record, createdAt } of entriesOf(tenant, type))
      if (createdAt <= now) found.set(String(record['Id']), record);
  return [...found.values()];
}

/**
 * The blobs of one content type for a subscription that was started then. Nothing of before is in them; the first comes
 * up to 12 h after the start and holds what happened meanwhile (reference). A blob never changes once it is there.
 */
export function blobsOf(tenant: TenantState, type: ContentType, startedAt: number): readonly Blob[] {
  const made = known.get(tenant) ?? new Map<ContentType, Made>();
  known.set(tenant, made);
  const { signIns, directoryAudits, unifiedAudits } = tenant;
  const of = [startedAt, tenant.firstContentMs, signIns.length, directoryAudits.length, unifiedAudits.length];
  const key = of.join('/');
  const before = made.get(type);
  if (before?.key === key) return before.blobs;
  const blobs = makeBlobs(tenant, type, startedAt);
  made.set(type, { key, blobs });
  return blobs;
}

interface Made {
  readonly key: string;
  readonly blobs: readonly Blob[];
}

/** Making them reads every log, so that it is done again only when one has grown. */
const known = new WeakMap<TenantState, Map<ContentType, Made>>();

function makeBlobs(tenant: TenantState, type: ContentType, startedAt: number): Blob[] {
  const first = startedAt + firstContentAfter(tenant, type);
  const slots = new Map<number, Raw[]>();
  for (const { record, createdAt } of entriesOf(tenant, type, startedAt)) {
    if (createdAt < startedAt) continue;
    const slot = Math.ceil(Math.max(createdAt, first) / SLOT_MS) * SLOT_MS;
    const records = slots.get(slot);
    if (records) records.push(record);
    else slots.set(slot, [record]);
  }
  return [...slots]
    .sort(([a], [b]) => a - b)
    .flatMap(([slot, records]) => toBlobs(tenant, type, slot, records));
}

/** ms from the start of a subscription to its first content: up to 12 h; tests may shorten it. */
function firstContentAfter(tenant: TenantState, type: ContentType): number {
  if (tenant.firstContentMs !== null) return tenant.firstContentMs;
  return Math.round(hashedFraction('first', `${tenant.id}/${type}`) * 12 * HOUR);
}

function toBlobs(tenant: TenantState, type: ContentType, slot: number, records: readonly Raw[]): Blob[] {
  const mixed = records
    .map((record) => ({ record, at: hashedFraction(`order ${slot}`, String(record['Id'])) }))
    .sort((a, b) => a.at - b.at)
    .map(({ record }) => record);
  const blobs: Blob[] = [];
  for (let from = 0; from < mixed.length; from += MOST_RECORDS) {
    const stamp = new Date(slot).toISOString().replace(/\D/g, '');
    const shard = hashedGuid(`${tenant.id}/${type}`, String(from)).replaceAll('-', '');
    const id = `${stamp}$${stamp}$${type.toLowerCase().replaceAll('.', '_')}$${shard}$emea`;
    blobs.push({ id, createdAt: slot, records: mixed.slice(from, from + MOST_RECORDS) });
  }
  return blobs;
}

/** `since`: content made before (UTC epoch ms) may be left out, so that a long log is not gone through for its end. */
function entriesOf(tenant: TenantState, type: ContentType, since = -Infinity): Entry[] {
  const oldest = since - MOST_DELAY_MS - SLOT_MS - MOST_AGAIN_MS;
  const isWanted = ({ at, availableAt }: LogRecord) => Math.max(at, availableAt) >= oldest;
  const entries = sourceRecords(tenant, type, isWanted).map(({ log, record }) => ({
    record,
    // What the simulator was told to deliver at a time comes then; everything else as the real log does.
    createdAt: Math.max(log.availableAt, log.at + deliveryDelay(String(record['Id']))),
  }));
  return [...entries, ...entries.flatMap(repeated)];
}

/** The longest that `deliveryDelay` draws. */
const MOST_DELAY_MS = 120 * HOUR;

/** Most within the hour, some after hours, few after days: nothing is promised (reference, troubleshooting). */
function deliveryDelay(id: string): number {
  const draw = hashedFraction('delay', id);
  const within = hashedFraction('within', id);
  if (draw < 0.003) return Math.round((24 + within * 96) * HOUR);
  if (draw < 0.02) return Math.round((2 + within * 22) * HOUR);
  return Math.round((5 + within * 55) * MINUTE);
}

const MOST_AGAIN_MS = 48 * HOUR;

/** "Duplicate events are expected and designed behavior": one record in thirty comes again, up to days later. */
function repeated(entry: Entry): Entry[] {
  const id = String(entry.record['Id']);
  if (hashedFraction('again', id) > 1 / 30) return [];
  const after = Math.round(hashedFraction('again after', id) * MOST_AGAIN_MS);
  return [{ record: entry.record, createdAt: entry.createdAt + SLOT_MS + after }];
}

interface SourceRecord {
  readonly log: LogRecord;
  readonly record: Raw;
}

function sourceRecords(
  tenant: TenantState,
  type: ContentType,
  isWanted: (log: LogRecord) => boolean,
): SourceRecord[] {
  const own = tenant.unifiedAudits
    .filter((log) => isWanted(log) && contentTypeOf(log.record) === type)
    .map((log) => ({ log, record: log.record }));
  if (type === 'Audit.AzureActiveDirectory') {
    const signIns = derived(tenant.signIns.filter(isWanted), (signIn) => signInRecord(tenant.id, signIn));
    const audits = derived(tenant.directoryAudits.filter(isWanted), (audit) => auditRecord(tenant.id, audit));
    return [...own, ...signIns, ...audits];
  }
  const workload = { 'Audit.SharePoint': 'SharePoint', 'Audit.General': 'MicrosoftTeams' }[String(type)];
  if (workload === undefined) return own;
  const visits = derived(tenant.signIns.filter(isWanted), (signIn) =>
    visitRecord(tenant.id, tenant.domain, signIn),
  );
  return [...own, ...visits.filter(({ record }) => record['Workload'] === workload)];
}

function derived(logs: readonly LogRecord[], make: (record: Raw) => Raw | null): SourceRecord[] {
  return logs.flatMap((log) => {
    const record = make(log.record);
    return record === null ? [] : [{ log, record }];
  });
}

/** Workload decides: reference, "Content types". */
function contentTypeOf(record: Raw): ContentType {
  const workloads: Readonly<Record<string, ContentType>> = {
    AzureActiveDirectory: 'Audit.AzureActiveDirectory',
    Exchange: 'Audit.Exchange',
    SharePoint: 'Audit.SharePoint',
    OneDrive: 'Audit.SharePoint',
  };
  return workloads[String(record['Workload'])] ?? 'Audit.General';
}
