/** Sources of policies, settings and posture, and the kind of object that a read of each brings. */
export const POLICY_KINDS = {
  'conditional-access-policies': 'conditional_access_policy',
  'named-locations': 'named_location',
  'authentication-methods-policy': 'authentication_methods_policy',
  'authorization-policy': 'authorization_policy',
  'security-defaults': 'security_defaults',
  'cross-tenant-access': 'cross_tenant_access',
  domains: 'domain',
  'domain-federation': 'domain_federation',
  devices: 'device',
  'intune-devices': 'managed_device',
  'registration-details': 'registration_details',
  'sharepoint-settings': 'sharepoint_settings',
  'secure-score': 'secure_score',
  'mail-domains-dns': 'mail_domain',
} as const;

export type PolicySource = keyof typeof POLICY_KINDS;

export const policySources = Object.keys(POLICY_KINDS) as readonly PolicySource[];
