import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, own, text, type Raw } from './property.ts';
import { settingsOf } from './settings-list.ts';

/** Entity id of the rule for every tenant that has none of its own. */
export const CROSS_TENANT_DEFAULT = 'default';

/**
 * crossTenantAccessPolicyConfigurationDefault and …Partner. Of a partner, null means "as the default says", which a value
 * never is.
 */
export function parseCrossTenantAccess(raw: unknown): Parsed<EntityRecord> {
  const policy = object(raw);
  const partner = objectId(own(policy, 'tenantId'));
  const id = partner ?? (isDefault(policy) ? CROSS_TENANT_DEFAULT : null);
  if (policy === null || id === null) return refused('the cross-tenant access setting names no tenant');
  const trust = object(own(policy, 'inboundTrust'));
  const consent = object(own(policy, 'automaticUserConsentSettings'));
  const json = {
    partner_id: partner,
    service_default: flag(own(policy, 'isServiceDefault')),
    service_provider: flag(own(policy, 'isServiceProvider')),
    trust_mfa: flag(own(trust, 'isMfaAccepted')),
    trust_compliant_device: flag(own(trust, 'isCompliantDeviceAccepted')),
    trust_hybrid_device: flag(own(trust, 'isHybridAzureADJoinedDeviceAccepted')),
    consent_inbound: flag(own(consent, 'inboundAllowed')),
    consent_outbound: flag(own(consent, 'outboundAllowed')),
    collaboration_in: access(own(policy, 'b2bCollaborationInbound')),
    collaboration_out: access(own(policy, 'b2bCollaborationOutbound')),
    direct_in: access(own(policy, 'b2bDirectConnectInbound')),
    direct_out: access(own(policy, 'b2bDirectConnectOutbound')),
    settings: settingsOf(policy, ['tenantId']),
  };
  return accepted({ kind: 'cross_tenant_access', id, json, scalars: {} });
}

/** The default names no tenant; the collector gives it its id, and only it can be the service's own default. */
function isDefault(policy: Raw | null): boolean {
  return own(policy, 'id') === CROSS_TENANT_DEFAULT || own(policy, 'isServiceDefault') !== undefined;
}

/** `allowed` or `blocked` for users; which of them, and which apps, stands in the settings. */
function access(value: unknown): string | null {
  return text(own(object(own(object(value), 'usersAndGroups')), 'accessType'));
}
