import type { EntityRecord } from '../model/entity.ts';
import type { Act, EntityChange, EventRecord } from '../model/event.ts';
import { recordContent } from './content-hash.ts';
import { CHANGE_FIELDS } from './data/log-fields.ts';
import { changedRuleActs } from './inbox-rule.ts';
import type { LogSource } from './log-source.ts';
import { makeOrigin } from './origin.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { CAPABILITY_KIND, parseCapability, wordsOfCapability } from './program.ts';
import { object, objectId, own, text, whole, type Raw } from './property.ts';
import { changedRoleActs } from './role-grant.ts';

const FEED = 'changes';
const ORIGIN = `${FEED}/v1.0`;

/** What two reads of one entity show. Our own feed: records are EntityChange as `changeEvent` writes them. */
export const changes: LogSource = {
  feed: FEED,
  origins: { 'v1.0': makeOrigin(ORIGIN, 2, CHANGE_FIELDS) },
  parse: parseChange,
  acts: changeActs,
  words: changeWords,
};

/** Kinds of our own state, whose changes are told like those of the directory. */
export const ownKinds: readonly { readonly kind: string; parse(raw: unknown): Parsed<EntityRecord> }[] = [
  { kind: CAPABILITY_KIND, parse: parseCapability },
];

/**
 * The event for a change. It happened somewhere in [from, to]; its time is `to`, the start of the read that saw it.
 * The native id follows from kind, id, op and `to`, so that a repeated diff is the same event.
 */
export function changeEvent(change: EntityChange): EventRecord {
  const { kind, op, id, before, after, from, to } = change;
  const nativeId = `${kind}:${id}:${op}:${to}`;
  const content = recordContent({ kind, op, id, before, after, from, to }, []);
  // Entities are flat (three levels at most), so this is a mistake of ours.
  if (content === null) throw new Error(`write change ${nativeId}: it is nested too deep`);
  return {
    feed: FEED,
    nativeId,
    canonicalId: nativeId,
    occurredAt: to,
    origin: ORIGIN,
    contentHash: content.hash,
    activity: `${kind} ${op}`,
    outcome: 'success',
    actorId: null,
    userId: changedUser(change),
    ip: null,
    appId: null,
    country: null,
    rawText: content.text,
  };
}

/** Kinds with a `principal_id` of a `principal_kind`. */
const HELD_BY: ReadonlySet<string> = new Set([
  'role_assignment',
  'role_eligibility',
  'role_assignment_schedule',
  'app_role_assignment',
]);

/** Kinds whose id is the user's. */
const OF_A_USER: ReadonlySet<string> = new Set([
  'user',
  'risky_user',
  'registration_details',
  'authentication_methods',
  'mailbox_settings',
  'mailbox',
]);

/** The person a change is about: the user, the holder of the role, the member of the group, the owner of the mailbox, who uses the device. */
function changedUser(change: EntityChange): string | null {
  const value = object(change.after ?? change.before);
  if (OF_A_USER.has(change.kind)) return change.id;
  if (change.kind === 'inbox_rule' || change.kind === 'mailbox_folder')
    return objectId(own(value, 'mailbox_id'));
  if (change.kind === 'managed_device') return objectId(own(value, 'user_id'));
  if (change.kind === 'group_member')
    return text(own(value, 'member_kind')) === 'user' ? objectId(own(value, 'member_id')) : null;
  if (change.kind === 'oauth2_grant') return objectId(own(value, 'principal_id'));
  if (!HELD_BY.has(change.kind)) return null;
  const kind = text(own(value, 'principal_kind')) ?? 'user';
  return kind === 'user' ? objectId(own(value, 'principal_id')) : null;
}

function parseChange(raw: unknown): Parsed<EventRecord> {
  const change = readChange(object(raw));
  return change.ok ? accepted(changeEvent(change.value)) : change;
}

function readChange(raw: Raw | null): Parsed<EntityChange> {
  const kind = text(own(raw, 'kind'));
  const id = text(own(raw, 'id'));
  if (kind === null || id === null) return refused('the change has no kind and id');
  const op = own(raw, 'op');
  if (op !== 'added' && op !== 'changed' && op !== 'removed') return refused('the change has no known op');
  const from = whole(own(raw, 'from'));
  const to = whole(own(raw, 'to'));
  if (from === null || to === null) return refused('the change has no from and to');
  return accepted({
    kind,
    op,
    id,
    from,
    to,
    before: copy(own(raw, 'before')),
    after: copy(own(raw, 'after')),
  });
}

function copy(value: unknown): Record<string, unknown> | null {
  const inner = object(value);
  return inner === null ? null : { ...inner };
}

function changeWords(raw: Raw): Record<string, string> {
  const change = readChange(raw);
  return change.ok ? (wordsOfCapability(change.value) ?? {}) : {};
}

function changeActs(raw: Raw): Act[] {
  const change = readChange(raw);
  if (!change.ok) return [];
  if (change.value.kind === 'role_assignment') return changedRoleActs(change.value);
  return change.value.kind === 'inbox_rule' ? changedRuleActs(change.value) : [];
}
