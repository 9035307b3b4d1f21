import type { EntityRecord } from '../model/entity.ts';
import { certificatesOf, secretsOf, verifiedPublisher } from './credential.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, own, sorted, text, texts } from './property.ts';
import { instant } from './time.ts';

/** `$select` without what a service may not know of service principals. */
export const servicePrincipalSelectPlain: readonly string[] = [
  'id',
  'appId',
  'displayName',
  'servicePrincipalType',
  'appOwnerOrganizationId',
  'accountEnabled',
  'signInAudience',
  'appRoleAssignmentRequired',
  'tags',
  'replyUrls',
  'verifiedPublisher',
  'passwordCredentials',
  'keyCredentials',
];

/** createdDateTime is in the fact sheet, but not on every list of properties. */
export const servicePrincipalSelect: readonly string[] = [...servicePrincipalSelectPlain, 'createdDateTime'];

/** An application as it is present in this tenant, whoever registered it: `owner_tenant` says where. */
export function parseServicePrincipal(raw: unknown): Parsed<EntityRecord> {
  const principal = object(raw);
  const id = objectId(own(principal, 'id'));
  if (principal === null || id === null) return refused('the service principal has no id');
  const json = {
    app_id: objectId(own(principal, 'appId')),
    name: text(own(principal, 'displayName')),
    principal_type: text(own(principal, 'servicePrincipalType')),
    owner_tenant: objectId(own(principal, 'appOwnerOrganizationId')),
    enabled: flag(own(principal, 'accountEnabled')),
    audience: text(own(principal, 'signInAudience')),
    assignment_required: flag(own(principal, 'appRoleAssignmentRequired')),
    tags: sorted(texts(own(principal, 'tags'))),
    redirect_uris: sorted(texts(own(principal, 'replyUrls'))),
    verified_publisher: verifiedPublisher(principal),
    created_at: instant(own(principal, 'createdDateTime')),
    secrets: secretsOf(principal),
    certificates: certificatesOf(principal),
  };
  return accepted({ kind: 'service_principal', id, json, scalars: {} });
}
