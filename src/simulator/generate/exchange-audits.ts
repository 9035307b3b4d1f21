import { findFolder } from '../folders.ts';
import type { LogRecord, Raw } from '../world.ts';
import { deliveryDelay } from './delivery.ts';
import type { TenantDraft } from './draft.ts';
import type { Person } from './people.ts';
import type { Random } from './random.ts';

/** A cmdlet that somebody ran, in Outlook on the web or a shell, on a mailbox of their own. */
export interface CmdletFacts {
  /** UTC epoch ms. */
  readonly at: number;
  readonly person: Person;
  readonly operation: string;
  readonly parameters: readonly (readonly [name: string, value: string])[];
  readonly ipAddress: string;
}

/** Adds the record of the unified audit log about a cmdlet and returns it (graph-facts 12: shape and field names). */
export function addCmdlet(draft: TenantDraft, facts: CmdletFacts, draw: Random): LogRecord {
  const record = cmdletRecord(draft, facts, draw);
  const entry = { id: String(record.Id), at: facts.at, availableAt: facts.at + deliveryDelay(draw), record };
  draft.unifiedAudits.push(entry);
  return entry;
}

function cmdletRecord(draft: TenantDraft, facts: CmdletFacts, draw: Random): Raw {
  const { person, operation, parameters } = facts;
  const domain = draft.cast.initialDomain;
  const named = parameters.find(([name]) => name === 'Name')?.[1];
  const mailbox = `EURP000A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/${domain}/${person.id}`;
  return {
    CreationTime: new Date(facts.at).toISOString().slice(0, 19),
    Id: draw.guid(),
    Operation: operation,
    OrganizationId: draft.id,
    RecordType: 1,
    ResultStatus: 'True',
    UserKey: `1003${draw.text(12, '0123456789ABCDEF')}`,
    UserType: 2,
    Version: 1,
    Workload: 'Exchange',
    ClientIP: withPort(facts.ipAddress, draw.int(1024, 65535)),
    ObjectId: named === undefined ? mailbox : `${mailbox}\\${named}`,
    UserId: person.upn,
    AppId: '',
    ClientAppId: '',
    ExternalAccess: false,
    OrganizationName: domain,
    OriginatingServer: 'FRYP281MB0000 (15.20.9000.000)',
    Parameters: parameters.map(([Name, Value]) => ({ Name, Value })),
    SessionId: '',
  };
}

function withPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What the cmdlet that makes an inbox rule is told: all of it text. */
export function ruleParameters(person: Person, rule: Raw): [string, string][] {
  const actions = (rule.actions ?? {}) as Raw;
  const conditions = (rule.conditions ?? {}) as Raw;
  const found: [string, unknown][] = [
    ['AlwaysDeleteOutlookRulesBlob', 'False'],
    ['Force', 'False'],
    ['ForwardTo', addresses(actions.forwardTo)],
    ['RedirectTo', addresses(actions.redirectTo)],
    ['MoveToFolder', findFolder(person.id, String(actions.moveToFolder ?? ''))?.displayName],
    ['CopyToFolder', findFolder(person.id, String(actions.copyToFolder ?? ''))?.displayName],
    ['MarkAsRead', actions.markAsRead === true ? 'True' : null],
    ['DeleteMessage', actions.delete === true ? 'True' : null],
    ['StopProcessingRules', actions.stopProcessingRules === true ? 'True' : null],
    ['SubjectContainsWords', words(conditions.subjectContains)],
    ['SubjectOrBodyContainsWords', words(conditions.bodyOrSubjectContains)],
    ['Name', rule.displayName],
  ];
  return found.flatMap(([name, value]): [string, string][] =>
    typeof value === 'string' && value !== '' ? [[name, value]] : [],
  );
}

function addresses(recipients: unknown): string {
  const list = (Array.isArray(recipients) ? recipients : []) as { emailAddress: { address: string } }[];
  return list.map((one) => one.emailAddress.address).join(';');
}

function words(list: unknown): string {
  return Array.isArray(list) ? list.join(';') : '';
}
