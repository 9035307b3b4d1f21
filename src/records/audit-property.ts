import { ipAddress } from './address.ts';
import { AUDIT_RECORD_TYPES } from './data/audit-record-types.ts';
import { object, objectId, objects, own, text, type Raw } from './property.ts';
import { instant } from './time.ts';

// Readers of a record of the unified audit log, as the Management API and Purview's search give it.

/** A property by its name; exporters have written names in lower case [wire-facts]. */
export function named(raw: Raw | null, name: string): unknown {
  if (raw === null) return undefined;
  if (Object.hasOwn(raw, name)) return raw[name];
  const wanted = name.toLowerCase();
  const found = Object.keys(raw).find((key) => key.toLowerCase() === wanted);
  return found === undefined ? undefined : raw[found];
}

export function namedText(raw: Raw | null, name: string): string | null {
  return text(named(raw, name));
}

/** UTC epoch ms of CreationTime, which is UTC without saying so: `2023-05-24T15:10:53` [graph-facts 12]. */
export function creationTime(raw: Raw): number | null {
  const value = namedText(raw, 'CreationTime');
  if (value === null) return null;
  return instant(/(?:Z|[+-]\d\d:\d\d)$/i.test(value) ? value : `${value}Z`);
}

/** The address that did it: `1.2.3.4:63070`, `[2001:db8::1]:443`, `<null>` and nothing are all sent [graph-facts 12]. */
export function clientAddress(raw: Raw): string | null {
  for (const name of ['ClientIP', 'ClientIPAddress', 'ActorIpAddress']) {
    const address = ipAddress(named(raw, name));
    if (address !== null) return address;
  }
  return null;
}

/** Without the full stop with which names of directory operations end, nor the blank of one of them. */
export function operationOf(raw: Raw): string | null {
  return namedText(raw, 'Operation')?.replace(/\.$/, '') ?? null;
}

/** A value of a list of `{Name, Value}`, such as Parameters, ExtendedProperties or DeviceProperties; null = not there. */
export function pairValue(raw: Raw | null, list: string, name: string): string | null {
  const wanted = name.toLowerCase();
  for (const pair of objects(named(raw, list))) {
    if (namedText(pair, 'Name')?.toLowerCase() === wanted) return namedText(pair, 'Value');
  }
  return null;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** An object id in lower case; user keys of Exchange (PUIDs) and names are none. */
export function guid(value: unknown): string | null {
  return typeof value === 'string' && GUID.test(value.trim()) ? objectId(value) : null;
}

/** Object id of who did it: the key where it is one, else the first id among the actors that is no class of things. */
export function actorId(raw: Raw): string | null {
  return (
    guid(named(raw, 'UserKey')) ??
    idsIn(raw, 'Actor')
      .map(guid)
      .find((id) => id !== null) ??
    null
  );
}

/** UPN of who did it: UserId where it is a name, else the first name among the actors. */
export function actorName(raw: Raw): string | null {
  const names = [namedText(raw, 'UserId'), ...idsIn(raw, 'Actor')];
  return names.find((name) => name !== null && name.includes('@')) ?? null;
}

/** The IDs of `Actor` or `Target`: UPNs, PUIDs, object ids and class names, mixed [wire-facts]. */
export function idsIn(raw: Raw, list: string): string[] {
  return objects(named(raw, list))
    .map((item) => namedText(item, 'ID'))
    .filter((id) => id !== null);
}

/** The kinds of things that directory operations are about; their targets begin with `<kind>_<object id>`. */
const TARGET = /^(User|ServicePrincipal|Group|Application|Role|Policy|Device|AdministrativeUnit)_(.+)$/;

/** The first target of a directory operation that has an object id; null when it names none. */
export function directoryTarget(raw: Raw): { kind: string; id: string } | null {
  for (const value of idsIn(raw, 'Target')) {
    const [, kind, rest] = TARGET.exec(value) ?? [];
    const id = guid(rest);
    if (kind !== undefined && id !== null) return { kind, id };
  }
  return null;
}

/** The unified audit record itself: as the Management API sends it, or inside a record of Graph's audit search. */
export function unifiedRecord(raw: unknown): Raw | null {
  const outer = object(raw);
  const inner = object(own(outer, 'auditData'));
  if (inner === null) return outer;
  const entries = Object.entries(inner).filter(([key]) => !key.includes('@odata.'));
  return Object.fromEntries(entries);
}

/** The name of a RecordType's number; exports have names already. */
export function recordType(value: unknown): string | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  if (typeof number === 'number') return AUDIT_RECORD_TYPES.get(number) ?? String(number);
  return text(value) ?? undefined;
}
