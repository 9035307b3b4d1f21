import type { LogRecord, Raw } from '../world.ts';
import { blobsOf } from './management/content.ts';
import { valueNow, valuesNow, type LiveObject, type TenantState } from './state.ts';

/** How much of a tenant can be read at a time: what a client that missed nothing holds. */
export interface RecordCounts {
  /** By type of sign-in, and `directoryAudits`: records of [since, now] that are available. */
  readonly logs: Readonly<Record<string, number>>;
  /** Distinct records in the content that was made for subscriptions, by content type. */
  readonly content: Readonly<Record<string, number>>;
  /** Objects that exist; rules are those in mailboxes of people with a licence. */
  readonly objects: {
    readonly users: number;
    readonly groups: number;
    readonly devices: number;
    readonly rules: number;
  };
}

/** `since` and `now` are UTC epoch ms, virtual. */
export function countRecords(tenant: TenantState, since: number, now: number): RecordCounts {
  const logs: Record<string, number> = {};
  const count = (name: string, { at, availableAt }: LogRecord): void => {
    if (at >= since && availableAt <= now) logs[name] = (logs[name] ?? 0) + 1;
  };
  for (const entry of tenant.signIns) count('interactiveUser', entry);
  for (const entry of tenant.otherSignIns) count(typeOf(entry), entry);
  for (const entry of tenant.directoryAudits) count('directoryAudits', entry);
  return { logs, content: contentOf(tenant, now), objects: objectsOf(tenant, now) };
}

function typeOf(entry: LogRecord): string {
  const types = entry.known?.signInEventTypes ?? entry.record['signInEventTypes'];
  return Array.isArray(types) ? String(types[0]) : 'none';
}

function contentOf(tenant: TenantState, now: number): Record<string, number> {
  const subscriptions = [...tenant.subscriptions.values()];
  return Object.fromEntries(
    subscriptions.map(({ contentType, startedAt }) => {
      const blobs = blobsOf(tenant, contentType, startedAt).filter(({ createdAt }) => createdAt <= now);
      return [contentType, new Set(blobs.flatMap(({ records }) => records.map((one) => one['Id']))).size];
    }),
  );
}

function objectsOf(tenant: TenantState, now: number): RecordCounts['objects'] {
  const existing = (objects: Map<string, LiveObject>): number => valuesNow(objects.values(), now).length;
  const mailboxes = [...tenant.messageRules].filter(([user]) =>
    isLicensed(valueNow(tenant.users.get(user), now)),
  );
  return {
    users: existing(tenant.users),
    groups: existing(tenant.directory.groups),
    devices: existing(tenant.directory.devices),
    rules: mailboxes.reduce((sum, [, rules]) => sum + existing(rules), 0),
  };
}

function isLicensed(user: Raw | null): boolean {
  const licences = user?.['assignedLicenses'];
  return Array.isArray(licences) && licences.length > 0;
}
