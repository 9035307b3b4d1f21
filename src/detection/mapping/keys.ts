import type { Act, StoredEvent } from '../../model/event.ts';
import { readPath } from '../../sigma/index.ts';

export interface Keys {
  readonly subject: string;
  readonly cause: string;
}

type Raw = Readonly<Record<string, unknown>>;

/** What an audit's target is called as a subject, by its type in lower case. */
const TARGETS: ReadonlyMap<string, string> = new Map([
  ['user', 'user'],
  ['group', 'group'],
  ['serviceprincipal', 'sp'],
]);

/**
 * Subject and cause of an imported rule's hit, by log source: of a sign-in the person and country + app, of an audit its
 * first target and the activity, else whoever did it and the record. `fallback` is the subject of a record that names nobody.
 */
export function importedKeys(event: StoredEvent, raw: Raw, act: Act | undefined, fallback: string): Keys {
  const shown = act?.subject ?? fallback;
  if (event.activity === 'sign-in') return { subject: shown, cause: signInCause(event, raw) };
  const cause = event.activity ?? event.canonicalId;
  if (event.feed === 'directory-audits') return { subject: firstTarget(raw) ?? fallback, cause };
  if (event.feed === 'unified-audit')
    return { subject: act?.subject ?? auditedName(event, raw) ?? fallback, cause };
  return { subject: shown, cause: event.canonicalId };
}

function signInCause(event: StoredEvent, raw: Raw): string {
  const app = event.appId ?? first(raw, 'appDisplayName') ?? '-';
  return `${event.country ?? '-'}/${app}`;
}

/** Whoever did it, by name, where a record of the unified audit log has no object id. */
function auditedName(event: StoredEvent, raw: Raw): string | null {
  if (event.userId !== null || event.actorId !== null) return null;
  const upn = first(raw, 'userPrincipalName');
  return upn?.includes('@') === true ? `upn:${upn.toLowerCase()}` : null;
}

function firstTarget(raw: Raw): string | null {
  const targets = raw['targetResources'];
  const target: unknown = Array.isArray(targets) ? targets[0] : null;
  if (typeof target !== 'object' || target === null) return null;
  const type = (first(target, 'type') ?? first(target, 'Type') ?? '').toLowerCase();
  const id = first(target, 'id');
  if (id !== null) return `${TARGETS.get(type) ?? (type === '' ? 'target' : type)}:${id.toLowerCase()}`;
  const upn = first(target, 'userPrincipalName');
  if (upn !== null) return `upn:${upn.toLowerCase()}`;
  const name = first(target, 'displayName');
  return name === null ? null : `${type === '' ? 'target' : type}:${name}`;
}

function first(raw: object, path: string): string | null {
  for (const value of readPath(raw, path)) {
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return null;
}
