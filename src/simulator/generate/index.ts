import { DAY } from './calendar.ts';
import { addDirectory, directoryOf } from './directory.ts';
import { draftTenant, type TenantDraft } from './draft.ts';
import { addCrowdHabits, addHabits } from './habits.ts';
import { addIdentity, defenderOf, identityData } from './identity.ts';
import { addMailboxes } from './inbox-rules.ts';
import { addOrdinaryChanges } from './ordinary-changes.ts';
import { organization, subscribedSkus, watchingApp } from './organization.ts';
import { createRandom } from './random.ts';
import { assignStandingRoles, roleDefinitions } from './roles.ts';
import { CASTS, crowdCast } from './rosters/index.ts';
import { tellStories } from './stories/index.ts';
import { userObjects } from './users.ts';
import type { LogRecord, SimulatedTenant, Story, World, WorldOptions } from '../world.ts';

/**
 * Makes the simulated world: the same options give the same world, byte for byte. Without the labelled stories nothing in
 * it is worth an alert. `casts` are the tenants it has, besides the large one of `users`. Throws when `days` is no whole
 * number from 1 on, or `users` out of range.
 */
export function generateWorld({ seed, days, to, users }: WorldOptions, casts = CASTS): World {
  if (!Number.isInteger(days) || days < 1) {
    throw new Error(`generate world: days is ${days}; give a whole number from 1 on`);
  }
  const from = to - days * DAY;
  const random = createRandom(`seed ${seed}`);
  const made = casts.map((cast) => makeTenant(draftTenant(cast, from, to, random)));
  if (users !== undefined) made.push(makeCrowd(draftTenant(crowdCast(users), from, to, random)));
  return {
    seed,
    from,
    to,
    tenants: made.map(({ tenant }) => tenant),
    stories: made.flatMap(({ stories }) => stories),
  };
}

/** Stories come before habits, because they decide who is still there. */
function makeTenant(draft: TenantDraft): { tenant: SimulatedTenant; stories: Story[] } {
  addOrdinaryChanges(draft);
  assignStandingRoles(draft);
  addMailboxes(draft);
  const stories = tellStories(draft);
  addHabits(draft);
  addIdentity(draft, stories);
  addDirectory(draft);
  return { tenant: finish(draft), stories };
}

/** A large tenant: nothing happens in it but ordinary days. */
function makeCrowd(draft: TenantDraft): { tenant: SimulatedTenant; stories: Story[] } {
  addOrdinaryChanges(draft);
  assignStandingRoles(draft);
  addMailboxes(draft);
  addCrowdHabits(draft);
  addDirectory(draft);
  return { tenant: finish(draft), stories: [] };
}

function finish(draft: TenantDraft): SimulatedTenant {
  return {
    id: draft.id,
    name: draft.cast.name,
    defaultDomain: draft.cast.domain,
    licence: draft.cast.licence,
    app: watchingApp(draft),
    organization: organization(draft),
    subscribedSkus: subscribedSkus(draft),
    roleDefinitions: roleDefinitions(),
    users: userObjects(draft),
    roleAssignments: draft.roleAssignments,
    messageRules: draft.messageRules,
    directory: directoryOf(draft),
    signIns: inSpan(draft, draft.signIns),
    directoryAudits: inSpan(draft, draft.directoryAudits),
    unifiedAudits: inSpan(draft, draft.unifiedAudits),
    identity: identityData(draft, (records) => inSpan(draft, records)),
    ...defenderOf(draft, (records) => inSpan(draft, records)),
  };
}

function inSpan({ from, to }: TenantDraft, records: readonly LogRecord[]): LogRecord[] {
  return records.filter(({ at }) => at >= from && at <= to).toSorted((a, b) => a.at - b.at);
}
