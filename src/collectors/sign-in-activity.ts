import { signInActivitySelect } from '../records/index.ts';
import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/**
 * Up to 120 users at a time: Microsoft's page now says 500, but the service has refused more than 120 with 400 "Cannot
 * query data for more than 120 users at a time." [graph-facts B]. One page of 120 passes on both.
 */
const PAGE_SIZE = '120';

/**
 * When each user last signed in. A request of its own: no delta brings it, and without P1 it refuses the whole request.
 * Also needs User.Read.All, which `users` asks for. https://learn.microsoft.com/graph/api/user-list
 */
export const signInActivity = snapshot({
  source: 'sign-in-activity',
  kind: 'sign_in_activity',
  path: '/users',
  query: { $select: signInActivitySelect.join(','), $top: PAGE_SIZE },
  what: 'read when users last signed in',
  needs: { permission: 'AuditLog.Read.All', licence: 'p1' },
  intervalMs: stateIntervals.signInActivity,
  datesItsRows: true,
});
