import type { Route } from '../route.ts';
import { DELTA_OPTIONS, deltaPage } from './delta.ts';
import { DEFAULT_USER_PROPERTIES, hideLeaveDate, unsupportedUserFilter, USER_PROPERTIES } from './users.ts';

/** `GET /users/delta` */
export const usersDelta: Route = {
  pattern: 'users/delta',
  permissions: [
    'User.Read.All',
    'User.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
    'AgentIdUser.ReadWrite.All',
    'AgentIdUser.ReadWrite.IdentityParentedBy',
  ],
  options: DELTA_OPTIONS,
  answer: (call) =>
    deltaPage(call, {
      collection: 'users',
      type: 'microsoft.graph.user',
      properties: USER_PROPERTIES,
      defaults: DEFAULT_USER_PROPERTIES,
      objects: ({ tenant }) => tenant.users.values(),
      view: hideLeaveDate,
      unsupportedFilter: unsupportedUserFilter,
    }),
};
