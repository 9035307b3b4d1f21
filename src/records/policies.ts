import type { EntityRecord } from '../model/entity.ts';
import { parseConditionalAccessPolicy } from './conditional-access-policy.ts';
import { parseCrossTenantAccess } from './cross-tenant-access.ts';
import { parseDevice } from './device.ts';
import { parseDomain, parseDomainFederation } from './domain.ts';
import { parseMailDomain } from './mail-domain.ts';
import { parseMailbox, parseMailboxFolder } from './mailbox.ts';
import { parseMailboxSettings } from './mailbox-settings.ts';
import { parseManagedDevice } from './managed-device.ts';
import { parseNamedLocation } from './named-location.ts';
import type { Parsed } from './parsed.ts';
import { parseAuthenticationMethods, parseRegistrationDetails } from './registration.ts';
import { parseSecureScore } from './secure-score.ts';
import {
  parseAuthenticationMethodsPolicy,
  parseAuthorizationPolicy,
  parseSecurityDefaults,
  parseSharePointSettings,
} from './tenant-policies.ts';

/** What the tenant allows and demands, and how well it stands. */
export const policyKinds: readonly { readonly kind: string; parse(raw: unknown): Parsed<EntityRecord> }[] = [
  { kind: 'conditional_access_policy', parse: parseConditionalAccessPolicy },
  { kind: 'named_location', parse: parseNamedLocation },
  { kind: 'authentication_methods_policy', parse: parseAuthenticationMethodsPolicy },
  { kind: 'authorization_policy', parse: parseAuthorizationPolicy },
  { kind: 'security_defaults', parse: parseSecurityDefaults },
  { kind: 'cross_tenant_access', parse: parseCrossTenantAccess },
  { kind: 'domain', parse: parseDomain },
  { kind: 'domain_federation', parse: parseDomainFederation },
  { kind: 'sharepoint_settings', parse: parseSharePointSettings },
  { kind: 'registration_details', parse: parseRegistrationDetails },
  { kind: 'authentication_methods', parse: parseAuthenticationMethods },
  { kind: 'secure_score', parse: parseSecureScore },
  { kind: 'device', parse: parseDevice },
  { kind: 'managed_device', parse: parseManagedDevice },
  { kind: 'mail_domain', parse: parseMailDomain },
  { kind: 'mailbox_settings', parse: parseMailboxSettings },
  { kind: 'mailbox', parse: parseMailbox },
  { kind: 'mailbox_folder', parse: parseMailboxFolder },
];
