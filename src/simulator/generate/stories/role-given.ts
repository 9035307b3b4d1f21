import { addAudit, changed, target, userTarget, type Actor } from '../audit.ts';
import { operatorActor } from '../audit-days.ts';
import { MINUTE } from '../calendar.ts';
import { ACTIVITY } from '../data/activities.ts';
import { BUILT_IN_ROLES, ROLE, ROLE_WELL_KNOWN_NAME } from '../data/roles.ts';
import { promptDelay } from '../delivery.ts';
import type { TenantDraft } from '../draft.ts';
import { personOf } from '../draft.ts';
import type { Person } from '../people.ts';
import type { Random } from '../random.ts';
import { assignRole, roleObjectId } from '../roles.ts';
import type { LogRecord } from '../../world.ts';
import type { StoryTeller } from './story.ts';
import { SOON } from './story.ts';

/** One administrator makes another account Global Administrator (ATT&CK T1098.003). */
export const ADMINISTRATOR_MADE: StoryTeller = roleStory({
  title: 'administrator made by an administrator',
  daysBefore: 3,
  giver: 'adm-keller',
  receiver: 'adm-sommer',
  role: ROLE.globalAdministrator,
  expect: 'RL-01',
});

/** A clerk of the personnel department becomes User Administrator. */
export const OTHER_ROLE_GIVEN: StoryTeller = roleStory({
  title: 'other privileged role given',
  daysBefore: 1,
  giver: 'adm-berg',
  receiver: 'seidel',
  role: ROLE.userAdministrator,
  expect: 'RL-02',
});

/** Who gives whom which role (template id), when (UTC epoch ms). */
export interface RoleGrant {
  readonly actor: Actor;
  readonly receiver: Person;
  readonly role: string;
  readonly at: number;
}

function roleStory(plot: {
  title: string;
  daysBefore: number;
  giver: string;
  receiver: string;
  role: string;
  expect: string;
}): StoryTeller {
  return {
    title: plot.title,
    cast: 'muster-bau',
    daysBefore: plot.daysBefore,
    tell(draft, hour, draw) {
      const at = hour(11) + draw.int(0, 240) * MINUTE;
      const receiver = personOf(draft, plot.receiver);
      const actor = operatorActor(draft, plot.giver);
      const audit = giveRole(draft, { actor, receiver, role: plot.role, at }, draw);
      return [{ at, recordId: audit.id, expect: [plot.expect], bySeconds: SOON }];
    },
  };
}

/** Gives a role, in the audits and in the directory: two targets, the member with the role's names and the role itself (wire-facts). */
export function giveRole(draft: TenantDraft, grant: RoleGrant, draw: Random): LogRecord {
  const { receiver, role, at, actor } = grant;
  const objectId = roleObjectId(draft, role);
  const name = BUILT_IN_ROLES.find(([templateId]) => templateId === role)?.[1];
  const changes = [
    changed('Role.ObjectID', null, objectId),
    changed('Role.DisplayName', null, name),
    changed('Role.TemplateId', null, role),
    changed('Role.WellKnownObjectName', null, ROLE_WELL_KNOWN_NAME[role]),
  ];
  const facts = {
    ...ACTIVITY.addToRole,
    at,
    actor,
    targets: [userTarget(receiver, changes), target(objectId, 'Role', null)],
    correlationId: draw.guid(),
    delay: promptDelay(draw),
  };
  assignRole(draft, receiver, role, at);
  return addAudit(draft, facts, draw);
}
