import { ROLE } from '../data/roles.ts';
import { BUSINESS_PREMIUM } from '../data/skus.ts';
import type { Role } from '../people.ts';
import type { Cast } from './cast.ts';
import { account, staff } from './cast.ts';

const STAFF = [
  'Ulrike|Sonnleitner|Geschäftsführung|Geschäftsführerin|muenchen',
  'Matthias|Ott|Ärztliche Leitung|Chefarzt|rosenheim',
  'Gisela|Reindl|Ärztliche Leitung|Chefarztsekretärin|rosenheim',
  'Florian|Lechner|IT|Leiter IT|rosenheim',
  'Andrea|Moser|IT|Systemadministratorin|muenchen',
  'Bernd|Aigner|Buchhaltung|Leiter Buchhaltung|rosenheim',
  'Christa|Wimmer|Patientenabrechnung|Sachbearbeiterin|rosenheim',
  'Josef|Stadler|Pflege|Pflegedirektor|rosenheim',
  'Monika|Bachmeier|Pflege|Stationsleiterin|rosenheim',
  'Özlem|Yildiz|Pflege|Praxisanleiterin|muenchen',
  'Veronika|Gruber|Personal|Leiterin Personal|rosenheim',
  'Sebastian|Eder|Haustechnik|Leiter Haustechnik|rosenheim',
  'Ludwig|Pichler|Einkauf|Einkäufer|muenchen',
  'Theresa|Brunner|Therapie|Physiotherapeutin|rosenheim',
  'Jakob|Neumeier|Pflege|Pflegefachmann|rosenheim',
  'Magdalena|Hofer|Pflege|Pflegefachfrau|rosenheim',
];

const OTHERS: readonly Role[] = [
  account('adm-lechner', 'admin', 'Florian', 'Lechner', {
    home: 'rosenheim',
    owner: 'lechner',
    roles: [ROLE.globalAdministrator],
  }),
  account('adm-moser', 'admin', 'Andrea', 'Moser', {
    home: 'muenchen',
    owner: 'moser',
    roles: [ROLE.globalAdministrator, ROLE.exchangeAdministrator],
  }),
  account('break-glass', 'break_glass', 'Notfall', 'Konto', { roles: [ROLE.globalAdministrator] }),
  // One account for the computers of the training room: excepted from MFA, and nobody's.
  account('training', 'service', 'Schulung', 'Raum', { sku: BUSINESS_PREMIUM }),
  account('aufnahme', 'shared', 'Aufnahme', ''),
  account('former-kern', 'former', 'Hedwig', 'Kern'),
  account('guest-egger', 'guest', 'Martina', 'Egger', { home: 'wien', domain: 'egger-labor.example' }),
  account('guest-roth', 'guest', 'Anton', 'Roth', {
    home: 'muenchen',
    domain: 'roth-medizintechnik.example',
  }),
];

/** Two clinics with Business Premium (Entra ID P1), everything in the cloud. */
export const SONNHOF: Cast = {
  name: 'Sonnhof Kliniken GmbH',
  key: 'sonnhof',
  licence: 'p1',
  sku: BUSINESS_PREMIUM,
  domain: 'sonnhof.example',
  initialDomain: 'sonnhofkliniken.onmicrosoft.example',
  zone: 'Europe/Berlin',
  devicePrefix: 'SK',
  office: { city: 'rosenheim', ipAddress: '203.0.113.30' },
  founded: '2020-09-07T08:00:00Z',
  synced: false,
  people: [...staff(STAFF, BUSINESS_PREMIUM, {}), ...OTHERS],
  joiner: 'neumeier',
  leaver: 'pichler',
  invited: 'guest-roth',
  promoted: 'bachmeier',
  roleGroup: { name: 'Rolle Helpdesk', members: ['adm-moser', 'adm-lechner'] },
  operator: 'adm-moser',
};
