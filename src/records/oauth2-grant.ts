import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, own, sorted, text } from './property.ts';

/**
 * oauth2PermissionGrant: what an app may do in the name of people. `startTime` and `expiryTime` are left out: Microsoft
 * ignores them and fills them in anew.
 */
export function parseOauth2Grant(raw: unknown): Parsed<EntityRecord> {
  const grant = object(raw);
  // Opaque, and upper and lower case differ.
  const id = text(own(grant, 'id'));
  if (grant === null || id === null) return refused('the permission grant has no id');
  const client = objectId(own(grant, 'clientId'));
  if (client === null) return refused('the permission grant has no clientId');
  const json = {
    client_id: client,
    consent: consentOf(text(own(grant, 'consentType'))),
    principal_id: objectId(own(grant, 'principalId')),
    resource_id: objectId(own(grant, 'resourceId')),
    // One text with spaces, often with one in front.
    scopes: sorted((text(own(grant, 'scope')) ?? '').split(/\s+/u).filter((scope) => scope !== '')),
  };
  return accepted({ kind: 'oauth2_grant', id, json, scalars: {} });
}

/** `all` = for everybody (AllPrincipals), `one` = for one person (Principal). */
function consentOf(type: string | null): 'all' | 'one' | null {
  const known = type?.toLowerCase();
  if (known === 'allprincipals') return 'all';
  return known === 'principal' ? 'one' : null;
}
