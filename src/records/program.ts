import type { EntityRecord } from '../model/entity.ts';
import type { EntityChange } from '../model/event.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, own, text, texts } from './property.ts';

/** The kind of our own state whose changes are events: what a tenant's licences, consents and services let us see. */
export const CAPABILITY_KIND = 'capability';

/** Words of a change of one, for texts. */
export const capabilityWords: readonly string[] = [
  'subject',
  'area',
  'before',
  'after',
  'reason',
  'detections',
  'titles',
];

/** `{name, area, state, reason, titles}` as the self-watch job writes it; `titles` are the detections that depend on it. */
export function parseCapability(raw: unknown): Parsed<EntityRecord> {
  const value = object(raw);
  const name = text(own(value, 'name'));
  const area = text(own(value, 'area'));
  const state = text(own(value, 'state'));
  if (name === null || area === null || state === null)
    return refused('the capability has no name, area and state');
  const json = { name, area, state, reason: text(own(value, 'reason')), titles: texts(own(value, 'titles')) };
  return accepted({ kind: CAPABILITY_KIND, id: name, json, scalars: {} });
}

/** Words of a change of a capability; null for any other change. */
export function wordsOfCapability(change: EntityChange): Record<string, string> | null {
  if (change.kind !== CAPABILITY_KIND) return null;
  const now = object(change.after ?? change.before);
  const titles = texts(own(now, 'titles'));
  return {
    subject: nameOf(text(own(now, 'name')) ?? change.id),
    area: text(own(now, 'area')) ?? '',
    before: text(own(object(change.before), 'state')) ?? '',
    after: text(own(object(change.after), 'state')) ?? '',
    reason: text(own(now, 'reason')) ?? '',
    detections: String(titles.length),
    titles: titles.join('; '),
  };
}

/** `role:AuditLog.Read.All` is called AuditLog.Read.All. */
function nameOf(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}
