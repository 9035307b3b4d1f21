import type { EntityRecord } from '../model/entity.ts';
import { changes } from './change.ts';
import { directoryAudits } from './directory-audit.ts';
import { parseInboxRule } from './inbox-rule.ts';
import type { LogSource } from './log-source.ts';
import { parseOrganization } from './organization.ts';
import type { Parsed } from './parsed.ts';
import { parseRoleAssignment } from './role-assignment.ts';
import { parseRoleDefinition } from './role-definition.ts';
import { parseSignInActivity } from './sign-in-activity.ts';
import { signIns } from './sign-in.ts';
import { parseSubscribedSku } from './subscribed-sku.ts';
import { parseUser } from './user.ts';

export { countryCode, ipAddress, isOutside, mailAddress } from './address.ts';
export { changeEvent } from './change.ts';
export type { InboxRuleInput, RuleAction, RuleActionName } from './inbox-rule.ts';
export type { LogSource } from './log-source.ts';
export type { Origin } from './origin.ts';
export type { Parsed } from './parsed.ts';
export { builtInRole, builtInRoleNamed, type BuiltInRole } from './roles.ts';
export { signInActivitySelect } from './sign-in-activity.ts';
export { signInSubject } from './sign-in.ts';
export { instant } from './time.ts';
export { userSelect, userSelectPlain } from './user.ts';

/** By feed: `sign-ins`, `directory-audits`, `changes`. */
export const logSources: ReadonlyMap<string, LogSource> = new Map(
  [signIns, directoryAudits, changes].map((source) => [source.feed, source]),
);

const RULE_LOGSOURCES: ReadonlyMap<string, { readonly product: string; readonly service: string }> = new Map([
  ['sign-ins', { product: 'azure', service: 'signinlogs' }],
  ['directory-audits', { product: 'azure', service: 'auditlogs' }],
  ['changes', { product: 'tenantwatch', service: 'changes' }],
]);

/** The log source that rules name for a feed. Throws for a feed that does not exist. */
export function ruleLogsource(feed: string): { readonly product: string; readonly service: string } {
  const logsource = RULE_LOGSOURCES.get(feed);
  if (logsource === undefined)
    throw new Error(`name the log source of feed ${feed}: no such feed; see logSources`);
  return logsource;
}

/** How one raw directory object of a kind becomes an entity: only what is read, normalised. Pure, never throws. */
export interface EntitySource {
  readonly kind: string;
  parse(raw: unknown): Parsed<EntityRecord>;
  /** False: only the current form is kept, because it changes with every day of ordinary use. */
  readonly history?: false;
}

const ENTITY_SOURCES: readonly EntitySource[] = [
  { kind: 'user', parse: parseUser },
  { kind: 'role_definition', parse: parseRoleDefinition },
  { kind: 'role_assignment', parse: parseRoleAssignment },
  { kind: 'inbox_rule', parse: parseInboxRule },
  { kind: 'subscribed_sku', parse: parseSubscribedSku },
  { kind: 'organization', parse: parseOrganization },
  { kind: 'sign_in_activity', parse: parseSignInActivity, history: false },
];

/** By kind. `inbox_rule` takes an InboxRuleInput, all others the raw Graph object. */
export const entityKinds: ReadonlyMap<string, EntitySource> = new Map(
  ENTITY_SOURCES.map((source) => [source.kind, source]),
);

/** Whether versions of this kind are kept and its differences told as changes. */
export function hasHistory(kind: string): boolean {
  return entityKinds.get(kind)?.history !== false;
}
