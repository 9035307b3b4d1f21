import { userSelect, userSelectPlain } from '../records/index.ts';
import { delta } from './delta.ts';
import { stateIntervals } from './settings.ts';

/**
 * Users by delta. employeeLeaveDateTime may be refused without User-LifeCycleInfo.Read.All: then all the rest is read
 * without it. https://learn.microsoft.com/graph/api/user-delta
 */
export const users = delta({
  source: 'users',
  kind: 'user',
  path: '/users/delta',
  what: 'read users',
  needs: { permission: 'User.Read.All', licence: null },
  intervalMs: stateIntervals.users,
  selects: [userSelect, userSelectPlain],
});
