import type { Raw } from '../../world.ts';
import { on } from '../filter.ts';
import type { FilterRules } from '../filter.ts';
import type { Route, RouteCall } from '../route.ts';
import {
  directoryObjects,
  LIST_OPTIONS,
  objectList,
  objectsNow,
  oneObject,
  selected,
} from './directory-objects.ts';

/** graph-facts A; Directory.Read.All reads applications, but not their federated credentials. */
const READ_FEDERATED = ['Application.Read.All', 'Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy'];
export const READ_APPLICATIONS = [...READ_FEDERATED, 'Directory.Read.All', 'Directory.ReadWrite.All'];

/** Properties of `application` in the v1.0 CSDL that a monitor may ask for. */
const PROPERTIES: ReadonlySet<string> = new Set([
  ...[
    'id',
    'appId',
    'displayName',
    'createdDateTime',
    'deletedDateTime',
    'signInAudience',
    'publisherDomain',
  ],
  ...['verifiedPublisher', 'passwordCredentials', 'keyCredentials', 'requiredResourceAccess', 'web', 'spa'],
  ...['publicClient', 'api', 'appRoles', 'identifierUris', 'tags', 'notes', 'info', 'isFallbackPublicClient'],
]);

export const APP_FILTERS: FilterRules = {
  id: on('string', 'eq'),
  appId: on('string', 'eq'),
  displayName: on('string', 'eq', 'startswith'),
};

/** `GET /applications` */
export const applications: Route = {
  pattern: 'applications',
  permissions: READ_APPLICATIONS,
  options: LIST_OPTIONS,
  answer: (call) =>
    objectList(call, {
      context: 'applications',
      type: 'microsoft.graph.application',
      items: () => objectsNow(call, 'applications'),
      properties: PROPERTIES,
      filters: APP_FILTERS,
      relations: {
        owners: (ids) => directoryObjects(call, ids),
        federatedIdentityCredentials: (value) => (Array.isArray(value) ? (value as Raw[]) : []),
      },
    }),
};

/** `GET /applications/{id}/owners` */
export const applicationOwners: Route = {
  pattern: 'applications/{id}/owners',
  permissions: READ_APPLICATIONS,
  options: ['$select', '$top'],
  answer(call) {
    const app = oneObject(call, 'applications');
    const names = call.query.get('$select')?.split(',') ?? null;
    return collection(call, 'directoryObjects', directoryObjects(call, app['owners']), names);
  },
};

/** `GET /applications/{id}/federatedIdentityCredentials` */
export const federatedCredentials: Route = {
  pattern: 'applications/{id}/federatedIdentityCredentials',
  permissions: READ_FEDERATED,
  options: ['$select', '$filter'],
  answer(call) {
    const app = oneObject(call, 'applications');
    const value = app['federatedIdentityCredentials'];
    const context = `applications('${call.params[0] ?? ''}')/federatedIdentityCredentials`;
    return collection(call, context, Array.isArray(value) ? (value as Raw[]) : [], null);
  },
};

function collection(
  call: RouteCall,
  context: string,
  items: readonly Raw[],
  names: readonly string[] | null,
): Raw {
  return {
    '@odata.context': `${call.simulation.origins.graph}/${call.version}/$metadata#${context}`,
    value: items.map((item) => selected(item, names)),
  };
}
