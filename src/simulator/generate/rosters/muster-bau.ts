import { ROLE } from '../data/roles.ts';
import { BUSINESS_PREMIUM } from '../data/skus.ts';
import type { Role } from '../people.ts';
import type { Cast } from './cast.ts';
import { account, staff } from './cast.ts';

const STAFF = [
  'Petra|Muster|Geschäftsführung|Geschäftsführerin|bonn',
  'Klaus|Ritter|Geschäftsführung|Prokurist|koeln',
  'Sabine|Vogt|Geschäftsführung|Assistentin|koeln',
  'Jonas|Berg|IT|Leiter IT|koeln',
  'Mira|Keller|IT|Systemadministratorin|bonn',
  'Timo|Sommer|IT|Helpdesk|koeln',
  'Hanna|Lindner|Buchhaltung|Leiterin Buchhaltung|koeln',
  'Ralf|Böhm|Buchhaltung|Buchhalter|duesseldorf',
  'Nadine|Krüger|Buchhaltung|Buchhalterin|koeln',
  'Frank|Hoffmann|Controlling|Controller|bonn',
  'Elke|Brandt|Personal|Leiterin Personal|koeln',
  'Oliver|Seidel|Personal|Personalreferent|bonn',
  'Marc|Winter|Vertrieb|Vertriebsleiter|duesseldorf',
  'Julia|Stern|Vertrieb|Vertriebsmitarbeiterin|koeln',
  'Deniz|Kaya|Vertrieb|Vertriebsmitarbeiter|koeln',
  'Anja|Pohl|Einkauf|Einkäuferin|koeln',
  'Stefan|Maurer|Einkauf|Einkäufer|bonn',
  'Birgit|Haas|Bauleitung|Bauleiterin|koeln',
  'Uwe|Schreiber|Bauleitung|Bauleiter|bonn',
  'Dirk|Engel|Bauleitung|Bauleiter|duesseldorf',
  'Svenja|Roth|Bauleitung|Bauleiterin|koeln',
  'Paul|Zimmer|Planung|Architekt|koeln',
  'Lena|Fuchs|Planung|Architektin|bonn',
  'Erik|Thiele|Planung|Statiker|koeln',
  'Carola|Busch|Planung|Technische Zeichnerin|koeln',
  'Murat|Demir|Kalkulation|Kalkulator|duesseldorf',
  'Ines|Wolff|Kalkulation|Kalkulatorin|koeln',
  'Gerd|Nowak|Fuhrpark|Disponent|bonn',
  'Yvonne|Jansen|Empfang|Empfang|koeln',
  'Tobias|Frei|Bauleitung|Bauleiter|koeln',
];

const synced = { synced: true };
const CHANGES: Readonly<Record<string, Partial<Role>>> = {
  stern: { travels: true, synced: true },
  hoffmann: { roles: [ROLE.globalReader] },
  ...Object.fromEntries(
    ['muster', 'ritter', 'vogt', 'lindner', 'böhm', 'brandt', 'haas', 'schreiber'].map((key) => [
      key,
      synced,
    ]),
  ),
};

const OTHERS: readonly Role[] = [
  account('adm-berg', 'admin', 'Jonas', 'Berg', { owner: 'berg', roles: [ROLE.globalAdministrator] }),
  account('adm-keller', 'admin', 'Mira', 'Keller', {
    owner: 'keller',
    roles: [ROLE.globalAdministrator, ROLE.exchangeAdministrator],
  }),
  account('adm-sommer', 'admin', 'Timo', 'Sommer', { owner: 'sommer', roles: [ROLE.userAdministrator] }),
  account('break-glass', 'break_glass', 'Notfall', 'Konto', { roles: [ROLE.globalAdministrator] }),
  account('sync', 'service', 'Sync MBDC01', 'Connector', { roles: [ROLE.directorySynchronization] }),
  account('scanner', 'service', 'Scanner', 'Buero', { sku: BUSINESS_PREMIUM }),
  account('info', 'shared', 'Info', ''),
  account('bewerbung', 'shared', 'Bewerbung', ''),
  account('former-lange', 'former', 'Heike', 'Lange'),
  account('guest-huber', 'guest', 'Katharina', 'Huber', { home: 'wien', domain: 'huber-statik.example' }),
  account('guest-lorenz', 'guest', 'Peter', 'Lorenz', {
    home: 'duesseldorf',
    domain: 'lorenz-elektro.example',
  }),
  account('guest-meier', 'guest', 'Regula', 'Meier', { home: 'zuerich', domain: 'meier-holz.example' }),
];

/** A building company with Business Premium (Entra ID P1), half of it synchronised from its own directory. */
export const MUSTER_BAU: Cast = {
  name: 'Muster Bau GmbH',
  key: 'muster-bau',
  licence: 'p1',
  sku: BUSINESS_PREMIUM,
  domain: 'muster-bau.example',
  initialDomain: 'musterbau.onmicrosoft.example',
  zone: 'Europe/Berlin',
  devicePrefix: 'MB',
  office: { city: 'koeln', ipAddress: '203.0.113.10' },
  founded: '2019-03-04T08:00:00Z',
  synced: true,
  people: [...staff(STAFF, BUSINESS_PREMIUM, CHANGES), ...OTHERS],
  joiner: 'frei',
  leaver: 'nowak',
  invited: 'guest-meier',
  promoted: 'fuchs',
  roleGroup: { name: 'Rolle Helpdesk', members: ['adm-sommer', 'adm-keller'] },
  operator: 'adm-sommer',
};
