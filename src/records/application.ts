import type { EntityRecord } from '../model/entity.ts';
import { certificatesOf, secretsOf, verifiedPublisher } from './credential.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { object, objectId, objects, own, sorted, text, texts, type Raw } from './property.ts';
import { instant } from './time.ts';

/** `$select` of applications; keyCredentials come only when they are named [graph-facts 8]. */
export const applicationSelect: readonly string[] = [
  'id',
  'appId',
  'displayName',
  'createdDateTime',
  'signInAudience',
  'publisherDomain',
  'verifiedPublisher',
  'passwordCredentials',
  'keyCredentials',
  'requiredResourceAccess',
  'web',
  'spa',
  'publicClient',
];

/** An application registered in this tenant, read with `$expand=owners`; owners are null where they were not read. */
export function parseApplication(raw: unknown): Parsed<EntityRecord> {
  const app = object(raw);
  const id = objectId(own(app, 'id'));
  if (app === null || id === null) return refused('the application has no id');
  const json = {
    app_id: objectId(own(app, 'appId')),
    name: text(own(app, 'displayName')),
    created_at: instant(own(app, 'createdDateTime')),
    audience: text(own(app, 'signInAudience')),
    publisher_domain: text(own(app, 'publisherDomain'))?.toLowerCase() ?? null,
    verified_publisher: verifiedPublisher(app),
    redirect_uris: redirectUris(app),
    requested: requested(app),
    owners: ownersOf(app),
    secrets: secretsOf(app),
    certificates: certificatesOf(app),
  };
  return accepted({ kind: 'application', id, json, scalars: {} });
}

function redirectUris(app: Raw): string[] {
  const platforms = ['web', 'spa', 'publicClient'].map((name) => object(own(app, name)));
  return sorted(platforms.flatMap((platform) => texts(own(platform, 'redirectUris'))));
}

/** `<appId of the API>/<id of the permission>`: what the app asks for, which need not have been granted. */
function requested(app: Raw): string[] {
  const ids = objects(own(app, 'requiredResourceAccess')).flatMap((resource) => {
    const api = objectId(own(resource, 'resourceAppId'));
    const wanted = objects(own(resource, 'resourceAccess')).map((access) => objectId(own(access, 'id')));
    return wanted.filter((id) => api !== null && id !== null).map((id) => `${api}/${id}`);
  });
  return sorted(ids);
}

function ownersOf(app: Raw): string[] | null {
  const owners = own(app, 'owners');
  if (!Array.isArray(owners)) return null;
  return sorted(
    objects(owners)
      .map((owner) => objectId(own(owner, 'id')))
      .filter((id) => id !== null),
  );
}

/** `applicationId` is not Graph's: it says whose credential it is. */
export interface FederatedCredentialInput {
  readonly applicationId: string;
  readonly credential: unknown;
}

/** Another system's tokens that an application accepts in place of a secret. Takes a FederatedCredentialInput. */
export function parseFederatedCredential(raw: unknown): Parsed<EntityRecord> {
  const input = object(raw);
  const application = objectId(own(input, 'applicationId'));
  const credential = object(own(input, 'credential'));
  const id = objectId(own(credential, 'id'));
  if (application === null || id === null)
    return refused('the federated credential has no application and id');
  const json = {
    application_id: application,
    name: text(own(credential, 'name')),
    issuer: text(own(credential, 'issuer')),
    federated_subject: text(own(credential, 'subject')),
    audiences: sorted(texts(own(credential, 'audiences'))),
  };
  return accepted({ kind: 'federated_credential', id: `${application}/${id}`, json, scalars: {} });
}
