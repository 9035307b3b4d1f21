import { generateWorld } from '../../src/simulator/generate/index.ts';
import { SONNHOF } from '../../src/simulator/generate/rosters/sonnhof.ts';
import { ROLE } from '../../src/simulator/generate/data/roles.ts';

/** A body of the simulator's `POST {control}/tenants/{id}`. */
export type Change = Readonly<Record<string, unknown>>;

export interface WorldOptions {
  readonly seed: number;
  readonly days: number;
  /** UTC epoch ms. */
  readonly to: number;
}

/**
 * What administrators do besides the stories, by the round before which they do it. Each object changes once: a read that
 * failed in between would rightly see two changes as one. The first lies behind the first reads (see `planOf`).
 */
export function happeningsOf(options: WorldOptions): ReadonlyMap<number, readonly Change[]> {
  const tenant = generateWorld(options, [SONNHOF]).tenants[0];
  if (tenant === undefined) throw new Error('the simulated world has no clinic');
  const userId = (name: string): string => {
    const id = tenant.users.find(({ versions }) =>
      String(versions[0]?.value?.['userPrincipalName']).startsWith(name),
    )?.id;
    if (id === undefined) throw new Error(`the clinic has no ${name}`);
    return id;
  };
  const forward = {
    id: 'AQAAAChaos0=',
    displayName: 'Kopie',
    sequence: 9,
    isEnabled: true,
    hasError: false,
    isReadOnly: false,
    conditions: { subjectContains: ['Rechnung'] },
    actions: { forwardTo: [{ emailAddress: { name: 'Ablage', address: 'ablage@sammler.example' } }] },
  };
  const assignment = { roleDefinitionId: ROLE.globalAdministrator, directoryScopeId: '/', appScopeId: null };
  return new Map<number, readonly Change[]>([
    [
      3,
      [
        { put_message_rule: { user: userId('christa.wimmer'), rule: forward } },
        { put_user: { id: userId('josef.stadler'), accountEnabled: false } },
      ],
    ],
    [4, [{ put_user: { id: userId('adm.moser'), accountEnabled: false } }]],
    [
      5,
      [
        {
          put_role_assignment: {
            ...assignment,
            id: 'chaos-assignment',
            principalId: userId('florian.lechner'),
          },
        },
        { delete_user: userId('martina.egger') },
      ],
    ],
    [
      6,
      [
        { put_user: { id: userId('theresa.brunner'), jobTitle: 'Leiterin Therapie' } },
        { put_object: { collection: 'groups', value: newGroup(userId('gisela.reindl')) } },
      ],
    ],
    [7, [{ put_object: { collection: 'singletons', value: { id: 'securityDefaults', isEnabled: true } } }]],
  ]);
}

function newGroup(member: string): Change {
  return {
    id: '0c4a05aa-0000-4000-8000-00000000c4a0',
    displayName: 'Projekt Umzug',
    createdDateTime: '2026-11-19T08:00:00Z',
    groupTypes: [],
    mailEnabled: false,
    securityEnabled: true,
    members: [member],
  };
}
