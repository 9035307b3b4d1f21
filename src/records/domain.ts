import { createHash } from 'node:crypto';
import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, own, sorted, text, texts, whole, type Raw } from './property.ts';

/** domain: its id is its name. `availabilityStatus` and `state` tell of work in progress and are left out. */
export function parseDomain(raw: unknown): Parsed<EntityRecord> {
  const domain = object(raw);
  const id = text(own(domain, 'id'))?.toLowerCase() ?? null;
  if (domain === null || id === null) return refused('the domain has no id');
  const json = {
    authentication: text(own(domain, 'authenticationType')),
    verified: flag(own(domain, 'isVerified')),
    is_default: flag(own(domain, 'isDefault')),
    is_initial: flag(own(domain, 'isInitial')),
    is_root: flag(own(domain, 'isRoot')),
    admin_managed: flag(own(domain, 'isAdminManaged')),
    services: sorted(texts(own(domain, 'supportedServices'))),
    password_days: whole(own(domain, 'passwordValidityPeriodInDays')),
  };
  return accepted({ kind: 'domain', id, json, scalars: {} });
}

/** How the collector hands over a federation: Graph's own object does not name its domain. */
export interface DomainFederationInput {
  readonly domain: string;
  readonly configuration: unknown;
}

/**
 * internalDomainFederation of a domain: whose signature opens every account in it. Certificates are public; of each its
 * SHA-256 is kept. How the last automatic renewal ended is left out.
 */
export function parseDomainFederation(raw: unknown): Parsed<EntityRecord> {
  const domain = text(own(object(raw), 'domain'))?.toLowerCase() ?? null;
  const federation = object(own(object(raw), 'configuration'));
  const id = text(own(federation, 'id'))?.toLowerCase() ?? null;
  if (domain === null || federation === null || id === null)
    return refused('the federation names no domain or has no id');
  const json = {
    domain,
    name: text(own(federation, 'displayName')),
    issuer: text(own(federation, 'issuerUri')),
    metadata_url: text(own(federation, 'metadataExchangeUri')),
    passive_url: text(own(federation, 'passiveSignInUri')),
    active_url: text(own(federation, 'activeSignInUri')),
    sign_out_url: text(own(federation, 'signOutUri')),
    protocol: text(own(federation, 'preferredAuthenticationProtocol')),
    mfa_behavior: text(own(federation, 'federatedIdpMfaBehavior')),
    prompt_login: text(own(federation, 'promptLoginBehavior')),
    signed_requests: flag(own(federation, 'isSignedAuthenticationRequestRequired')),
    signing_certificate: fingerprint(federation, 'signingCertificate'),
    next_signing_certificate: fingerprint(federation, 'nextSigningCertificate'),
  };
  return accepted({ kind: 'domain_federation', id: `${domain}/${id}`, json, scalars: {} });
}

/** SHA-256 of the certificate's bytes, in hex. */
function fingerprint(federation: Raw, name: string): string | null {
  const certificate = text(own(federation, name));
  if (certificate === null) return null;
  return createHash('sha256').update(Buffer.from(certificate, 'base64')).digest('hex');
}
