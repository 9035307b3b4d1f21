import { ROLE } from '../data/roles.ts';
import { ENTERPRISE_E3 } from '../data/skus.ts';
import type { CityName } from '../places.ts';
import type { Role } from '../people.ts';
import type { Cast } from '../rosters/cast.ts';
import { account } from '../rosters/cast.ts';
import { DEPARTMENTS, GIVEN, SURNAMES } from './names.ts';

const HOMES: readonly CityName[] = ['koeln', 'bonn', 'duesseldorf', 'hamburg', 'muenchen'];

/** Fewer could not play every part (joiner, leaver, guest, administrators). */
const FEWEST = 20;
const MOST = GIVEN.length * SURNAMES.length;
/** Shares of the accounts: every thirtieth is a guest, every fiftieth a shared mailbox. */
const GUEST_EVERY = 30;
const SHARED_EVERY = 50;

/**
 * A company of this many accounts, for trying what a large tenant costs. No story happens in it. Throws when `users` is
 * out of range.
 */
export function crowdCast(users: number): Cast {
  if (!Number.isInteger(users) || users < FEWEST || users > MOST)
    throw new Error(`make a tenant of ${users} users: give a whole number from ${FEWEST} to ${MOST}`);
  const others = leadership();
  const people = Array.from({ length: users - others.length }, (_, index) => personAt(index));
  return {
    name: 'Rheintal Werke SE',
    key: 'crowd',
    licence: 'p1',
    sku: ENTERPRISE_E3,
    domain: 'rheintal.example',
    initialDomain: 'rheintalwerke.onmicrosoft.example',
    zone: 'Europe/Berlin',
    devicePrefix: 'RW',
    office: { city: 'koeln', ipAddress: '203.0.113.40' },
    founded: '2018-03-05T08:00:00Z',
    synced: false,
    people: [...people, ...others],
    joiner: 'p3',
    leaver: 'p4',
    invited: 'g0',
    promoted: 'p1',
    roleGroup: { name: 'Rolle Helpdesk', members: ['adm-1', 'adm-2'] },
    operator: 'adm-1',
  };
}

/** Name, department and home follow from the number alone. */
function personAt(index: number): Role {
  const given = GIVEN[index % GIVEN.length] ?? '';
  // A step on with each round, so that neighbours share no name.
  const surname = SURNAMES[(index + Math.floor(index / GIVEN.length)) % SURNAMES.length] ?? '';
  const home = HOMES[index % HOMES.length] ?? 'koeln';
  if (index % GUEST_EVERY === 0) {
    const domain = `partner-${index % 7}.example`;
    return account(`g${index}`, 'guest', given, surname, { home, domain });
  }
  if (index % SHARED_EVERY === 2) return account(`s${index}`, 'shared', `Postfach ${index}`, '');
  const [department, title] = DEPARTMENTS[index % DEPARTMENTS.length] ?? ['', ''];
  const travels = index % 40 === 7;
  return {
    key: `p${index}`,
    kind: 'staff',
    given,
    surname,
    department,
    title,
    home,
    sku: ENTERPRISE_E3,
    travels,
  };
}

function leadership(): Role[] {
  const admin = (number: number, surname: string, roles: readonly string[]) =>
    account(`adm-${number}`, 'admin', 'Betrieb', surname, { owner: `p${number + 4}`, roles });
  return [
    admin(1, 'Eins', [ROLE.globalAdministrator]),
    admin(2, 'Zwei', [ROLE.globalAdministrator, ROLE.exchangeAdministrator]),
    admin(3, 'Drei', [ROLE.exchangeAdministrator]),
    admin(4, 'Vier', [ROLE.helpdeskAdministrator]),
    account('break-glass', 'break_glass', 'Notfall', 'Konto', { roles: [ROLE.globalAdministrator] }),
  ];
}
