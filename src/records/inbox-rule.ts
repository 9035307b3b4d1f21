import type { EntityRecord } from '../model/entity.ts';
import type { Act, EntityChange } from '../model/event.ts';
import { mailAddress } from './address.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, objects, own, sorted, text, texts, type Raw } from './property.ts';

/** What the inbox rule parser takes: a rule and what the rule itself does not say. */
export interface InboxRuleInput {
  /** Object id of the mailbox's user. */
  readonly mailboxId: string;
  /** Raw messageRule. */
  readonly rule: unknown;
  /** Folder id → well-known name, else display name; without it folders keep their opaque id. */
  readonly folders?: ReadonlyMap<string, string>;
}

export type RuleActionName =
  | 'forward'
  | 'redirect'
  | 'forward_attachment'
  | 'delete'
  | 'permanent_delete'
  | 'move'
  | 'copy'
  | 'mark_read'
  | 'stop';

export interface RuleAction {
  readonly action: RuleActionName;
  /** Lower-case mail address or folder name, the folder's id where it has no name here; else empty. */
  readonly target: string;
}

/**
 * messageRule of a mailbox's inbox. The entity's id is `<mailbox user id>/<rule id>`. Whether a target is outside
 * is not said here: it needs the tenant's domains (`isOutside`), which change without the rule.
 */
export function parseInboxRule(raw: unknown): Parsed<EntityRecord> {
  const input = object(raw);
  const mailboxId = objectId(own(input, 'mailboxId'));
  if (mailboxId === null) return refused('the inbox rule has no mailbox id');
  const rule = object(own(input, 'rule'));
  const ruleId = text(own(rule, 'id'));
  if (rule === null || ruleId === null) return refused('the inbox rule has no id');
  const folders = own(input, 'folders');
  const actions = ruleActions(object(own(rule, 'actions')), folders instanceof Map ? folders : new Map());
  const name = text(own(rule, 'displayName'));
  const enabled = flag(own(rule, 'isEnabled')) !== false;
  const json = {
    mailbox_id: mailboxId,
    rule_id: ruleId,
    name,
    enabled,
    read_only: flag(own(rule, 'isReadOnly')) === true,
    actions,
    conditions: conditionWords(object(own(rule, 'conditions'))),
  };
  const key = { mailbox_id: mailboxId, rule_id: ruleId };
  return accepted({
    kind: 'inbox_rule',
    id: `${mailboxId}/${ruleId}`,
    json,
    scalars: {
      inbox_rule: [{ ...key, name, enabled: enabled ? 1 : 0 }],
      rule_action: actions.map((item) => ({ ...key, ...item, target_domain: targetDomain(item) })),
    },
  });
}

const SENDING: readonly (readonly [property: string, action: RuleActionName])[] = [
  ['forwardTo', 'forward'],
  ['redirectTo', 'redirect'],
  ['forwardAsAttachmentTo', 'forward_attachment'],
];
const FILING: readonly (readonly [property: string, action: RuleActionName])[] = [
  ['moveToFolder', 'move'],
  ['copyToFolder', 'copy'],
];
const SWITCHES: readonly (readonly [property: string, action: RuleActionName])[] = [
  ['delete', 'delete'],
  ['permanentDelete', 'permanent_delete'],
  ['markAsRead', 'mark_read'],
  ['stopProcessingRules', 'stop'],
];

function ruleActions(raw: Raw | null, folders: ReadonlyMap<unknown, unknown>): RuleAction[] {
  const found = new Map<string, RuleAction>();
  const add = (action: RuleActionName, target: string) =>
    found.set(`${action}:${target}`, { action, target });
  for (const [property, action] of SENDING) {
    for (const address of recipients(own(raw, property))) add(action, address);
  }
  for (const [property, action] of FILING) {
    const folder = text(own(raw, property));
    if (folder !== null) add(action, text(folders.get(folder))?.toLowerCase() ?? folder);
  }
  for (const [property, action] of SWITCHES) {
    if (own(raw, property) === true) add(action, '');
  }
  return [...found.keys()].sort().flatMap((key) => found.get(key) ?? []);
}

/** An entry without an address (a name Exchange did not resolve) still sends mail on: its name stands for it. */
function recipients(value: unknown): string[] {
  return objects(value).map((item) => {
    const address = object(own(item, 'emailAddress'));
    return mailAddress(own(address, 'address')) ?? text(own(address, 'name'))?.toLowerCase() ?? '';
  });
}

function targetDomain({ action, target }: RuleAction): string | null {
  if (!SENDING.some(([, name]) => name === action)) return null;
  const at = target.lastIndexOf('@');
  const domain = at < 0 ? '' : target.slice(at + 1).replace(/\.$/, '');
  return domain === '' ? null : domain;
}

const CONDITION_LISTS = [
  'subjectContains',
  'bodyContains',
  'bodyOrSubjectContains',
  'senderContains',
  'recipientContains',
  'headerContains',
];

/** The words and addresses that the rule looks for, lower case: what the mail it hides or sends on is about. */
function conditionWords(raw: Raw | null): string[] {
  const words = CONDITION_LISTS.flatMap((property) => texts(own(raw, property)));
  const senders = [...recipients(own(raw, 'fromAddresses')), ...recipients(own(raw, 'sentToAddresses'))];
  return sorted([...words.map((word) => word.toLowerCase()), ...senders.filter((sender) => sender !== '')]);
}

/** The three ways of sending mail on are one thing to whoever loses it, and so are the two ways of deleting it. */
const ACT_WORD: ReadonlyMap<string, string> = new Map([
  ['redirect', 'forward'],
  ['forward_attachment', 'forward'],
  ['permanent_delete', 'delete'],
]);

/** The cause of an `inbox_rule` act, whoever shows it. */
export function ruleActCause(action: string, target: string): string {
  return `${ACT_WORD.get(action) ?? action}:${target}`;
}

/**
 * What an inbox rule does, as two reads show it: one act for each (action, target) that came or went. The rule id is
 * no part of it, so a rule made again is the same act. A rule that is off does nothing.
 */
export function changedRuleActs(change: EntityChange): Act[] {
  const before = activeActions(change.before);
  const after = activeActions(change.after);
  const rule = object(change.after ?? change.before);
  const mailbox = objectId(own(rule, 'mailbox_id'));
  if (mailbox === null) return [];
  const acts: Act[] = [];
  for (const [cause, item] of after)
    if (!before.has(cause)) acts.push(ruleAct('do', mailbox, cause, item, rule));
  for (const [cause, item] of before)
    if (!after.has(cause)) acts.push(ruleAct('undo', mailbox, cause, item, rule));
  return acts;
}

interface TextAction {
  readonly action: string;
  readonly target: string;
}

function activeActions(raw: unknown): Map<string, TextAction> {
  const rule = object(raw);
  const found = new Map<string, TextAction>();
  if (own(rule, 'enabled') !== true) return found;
  for (const item of objects(own(rule, 'actions'))) {
    const action = text(own(item, 'action'));
    if (action === null) continue;
    const target = text(own(item, 'target')) ?? '';
    found.set(ruleActCause(action, target), { action, target });
  }
  return found;
}

function ruleAct(kind: Act['kind'], mailbox: string, cause: string, item: TextAction, rule: Raw | null): Act {
  const name = text(own(rule, 'name')) ?? '';
  const words = { actor: '', subject: mailbox, rule: name, action: item.action, target: item.target };
  return { name: 'inbox_rule', kind, subject: `user:${mailbox}`, cause, words };
}
