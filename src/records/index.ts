import type { EntityRecord } from '../model/entity.ts';
import { changes, ownKinds } from './change.ts';
import { directoryKinds } from './directory.ts';
import { directoryAudits } from './directory-audit.ts';
import { identityKinds, identityLogs, identityLogsources } from './identity.ts';
import { parseInboxRule } from './inbox-rule.ts';
import type { LogSource } from './log-source.ts';
import { parseOrganization } from './organization.ts';
import type { Parsed } from './parsed.ts';
import { policyKinds } from './policies.ts';
import { parseSignInActivity } from './sign-in-activity.ts';
import { signIns } from './sign-in.ts';
import { auditSignIns, unifiedAudit } from './unified-audit.ts';
import { parseSubscribedSku } from './subscribed-sku.ts';

export { countryCode, ipAddress, isOutside, mailAddress } from './address.ts';
export { appPermission, permissionApis } from './app-role-assignment.ts';
export { applicationSelect } from './application.ts';
export { changeEvent } from './change.ts';
export { CAPABILITY_KIND, capabilityWords } from './program.ts';
export { groupSelect } from './group.ts';
export { CROSS_TENANT_DEFAULT } from './cross-tenant-access.ts';
export { defenderUpdatedAt } from './defender.ts';
export { deviceSelect } from './device.ts';
export type { DomainFederationInput } from './domain.ts';
export type { InboxRuleInput, RuleAction, RuleActionName } from './inbox-rule.ts';
export type { LogSource } from './log-source.ts';
export type { MailDomainInput } from './mail-domain.ts';
export { managedDeviceSelect } from './managed-device.ts';
export type { Origin } from './origin.ts';
export type { Parsed } from './parsed.ts';
export { riskUpdatedAt } from './risk-detection.ts';
export type { AuthenticationMethodsInput } from './registration.ts';
export { builtInRole, builtInRoleNamed, type BuiltInRole } from './roles.ts';
export { servicePrincipalSelect, servicePrincipalSelectPlain } from './service-principal.ts';
export { signInActivitySelect } from './sign-in-activity.ts';
export { signInSubject } from './sign-in.ts';
export { instant } from './time.ts';
export { userSelect, userSelectPlain } from './user.ts';

/** By feed: `sign-ins`, `directory-audits`, `changes`, `unified-audit`, `audit-sign-ins`, and those of identity.ts. */
export const logSources: ReadonlyMap<string, LogSource> = new Map(
  [signIns, directoryAudits, changes, unifiedAudit, auditSignIns, ...identityLogs].map((source) => [
    source.feed,
    source,
  ]),
);

const RULE_LOGSOURCES: ReadonlyMap<string, { readonly product: string; readonly service: string }> = new Map([
  ['sign-ins', { product: 'azure', service: 'signinlogs' }],
  ['directory-audits', { product: 'azure', service: 'auditlogs' }],
  ['changes', { product: 'tenantwatch', service: 'changes' }],
  ['unified-audit', { product: 'm365', service: 'audit' }],
  // No rule is written for it: those of sign-ins run on it (`rulesOf`).
  ['audit-sign-ins', { product: 'azure', service: 'signinlogs' }],
  ...identityLogsources,
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
  { kind: 'inbox_rule', parse: parseInboxRule },
  { kind: 'subscribed_sku', parse: parseSubscribedSku },
  { kind: 'organization', parse: parseOrganization },
  ...directoryKinds,
  ...ownKinds,
  { kind: 'sign_in_activity', parse: parseSignInActivity, history: false },
  ...identityKinds,
  ...policyKinds,
];

/**
 * By kind. `inbox_rule` takes an InboxRuleInput, `group_member` a GroupMemberInput, `federated_credential` a
 * FederatedCredentialInput, `domain_federation` a DomainFederationInput, `authentication_methods` an
 * AuthenticationMethodsInput, `mail_domain` a MailDomainInput, `mailbox_settings` a MailboxSettingsInput, `mailbox_folder` a
 * MailboxFolderInput, all others the raw Graph object.
 */
export const entityKinds: ReadonlyMap<string, EntitySource> = new Map(
  ENTITY_SOURCES.map((source) => [source.kind, source]),
);

/** Whether versions of this kind are kept and its differences told as changes. */
export function hasHistory(kind: string): boolean {
  return entityKinds.get(kind)?.history !== false;
}
