import type { Act } from '../model/event.ts';
import { mailAddress } from './address.ts';
import {
  actorId,
  actorName,
  clientAddress,
  directoryTarget,
  idsIn,
  named,
  namedText,
  operationOf,
  pairValue,
  unifiedRecord,
} from './audit-property.ts';
import { ROLE_ACTIVITIES } from './data/role-activities.ts';
import { ruleActCause, type RuleActionName } from './inbox-rule.ts';
import { object, objects, texts, type Raw } from './property.ts';
import { auditedRoleActs } from './role-grant.ts';

/**
 * What a record of the unified audit log shows as done, under the same keys as directory audits and reads of the rules show
 * it: roles given and taken, and what an inbox rule does.
 */
export function auditActs(raw: Raw): Act[] {
  const record = unifiedRecord(raw);
  const operation = record === null ? null : operationOf(record);
  if (record === null || operation === null) return [];
  if (ROLE_ACTIVITIES.has(operation.toLowerCase())) return roleActs(record, operation);
  return ruleActs(record, operation.toLowerCase());
}

const SUCCESS = new Set(['success', 'succeeded', 'true']);

/** The record in the shape of a directory audit, which is what it is a copy of. Values come without JSON quotes. */
function roleActs(record: Raw, operation: string): Act[] {
  const target = directoryTarget(record);
  const changes = objects(named(record, 'ModifiedProperties')).map((item) => ({
    displayName: namedText(item, 'Name'),
    newValue: named(item, 'NewValue'),
    oldValue: named(item, 'OldValue'),
  }));
  const audit: Raw = {
    result: succeeded(record) ? 'success' : 'failure',
    targetResources: [
      {
        type: target?.kind ?? 'User',
        id: target?.id,
        userPrincipalName: idsIn(record, 'Target').find((id) => id.includes('@')),
        modifiedProperties: changes,
      },
    ],
  };
  const by = { id: actorId(record), name: actorName(record), ip: clientAddress(record) };
  return auditedRoleActs(audit, operation, by);
}

function succeeded(record: Raw): boolean {
  return SUCCESS.has(namedText(record, 'ResultStatus')?.toLowerCase() ?? '');
}

/** Cmdlets that make or change a rule, in any case (`set-InboxRule` is seen) [ual-operations]. */
const RULE_CMDLETS = new Set(['new-inboxrule', 'set-inboxrule']);
/** A rule made by Outlook: what it does is JSON in text. */
const RULE_FROM_OUTLOOK = 'updateinboxrules';

const SENDING: readonly (readonly [parameter: string, action: RuleActionName])[] = [
  ['ForwardTo', 'forward'],
  ['RedirectTo', 'redirect'],
  ['ForwardAsAttachmentTo', 'forward_attachment'],
];
const SWITCHES: readonly (readonly [parameter: string, action: RuleActionName])[] = [
  ['DeleteMessage', 'delete'],
  ['MarkAsRead', 'mark_read'],
  ['StopProcessingRules', 'stop'],
];

interface Done {
  readonly action: RuleActionName;
  readonly target: string;
}

function ruleActs(record: Raw, operation: string): Act[] {
  const done = RULE_CMDLETS.has(operation)
    ? cmdletActions(record)
    : operation === RULE_FROM_OUTLOOK
      ? outlookActions(record)
      : [];
  const mailbox = mailboxOf(record);
  if (mailbox === null) return [];
  const rule =
    pairValue(record, 'Parameters', 'Name') ?? pairValue(record, 'OperationProperties', 'RuleName');
  const base = { actor: actorName(record) ?? '', subject: mailbox, rule: rule ?? '' };
  return done.map(({ action, target }) => ({
    name: 'inbox_rule',
    kind: 'do',
    subject: `upn:${mailbox.toLowerCase()}`,
    cause: ruleActCause(action, target),
    words: { ...base, action, target },
  }));
}

/** Whose mailbox: the one named, else the one of whoever did it. A rule's Identity begins with an Exchange name, no UPN. */
function mailboxOf(record: Raw): string | null {
  const named = pairValue(record, 'Parameters', 'Mailbox') ?? namedText(record, 'MailboxOwnerUPN');
  return named !== null && named.includes('@') ? named : actorName(record);
}

/** Values are all text: `True`, addresses separated by semicolons, a folder's name [wire-facts]. */
function cmdletActions(record: Raw): Done[] {
  if (namedText(record, 'ResultStatus')?.toLowerCase() === 'false') return [];
  const done: Done[] = [];
  for (const [parameter, action] of SENDING) {
    const value = pairValue(record, 'Parameters', parameter) ?? '';
    for (const target of addressesIn(value)) done.push({ action, target });
  }
  const folder = pairValue(record, 'Parameters', 'MoveToFolder');
  if (folder !== null) done.push({ action: 'move', target: folder.replace(/^.*[\\/]/, '').toLowerCase() });
  for (const [parameter, action] of SWITCHES) {
    if (pairValue(record, 'Parameters', parameter)?.toLowerCase() === 'true')
      done.push({ action, target: '' });
  }
  return done;
}

/** `a@b.example;c@d.example`, `"Name" [SMTP:a@b.example]`; a name that Exchange did not resolve stands for itself. */
function addressesIn(value: string): string[] {
  if (value.trim() === '') return [];
  const found = value.match(/[^\s<>"';:,[\]()]+@[^\s<>"';:,[\]()]+/g);
  return (found ?? [value]).map((one) => mailAddress(one) ?? '').filter((one) => one !== '');
}

/** RuleActions: `[{"ActionType":"Forward","Recipients":[…]}]`; other types than those that send are not documented. */
function outlookActions(record: Raw): Done[] {
  const properties = (name: string) => pairValue(record, 'OperationProperties', name);
  if (properties('RuleOperation')?.toLowerCase() === 'removemailboxrule') return [];
  return objects(listOf(properties('RuleActions'))).flatMap((item) => {
    const type = namedText(item, 'ActionType')?.toLowerCase() ?? '';
    const action = type.includes('redirect') ? 'redirect' : 'forward';
    return texts(named(item, 'Recipients'))
      .flatMap(addressesIn)
      .map((target): Done => ({ action, target }));
  });
}

function listOf(json: string | null): unknown {
  if (json === null) return [];
  try {
    const value: unknown = JSON.parse(json);
    return Array.isArray(value) ? value : [object(value)];
  } catch {
    return [];
  }
}
