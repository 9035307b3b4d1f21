import { ROLE } from '../data/roles.ts';
import { BUSINESS_BASIC, BUSINESS_STANDARD } from '../data/skus.ts';
import type { Role } from '../people.ts';
import type { Cast } from './cast.ts';
import { account, staff } from './cast.ts';

const STAFF = [
  'Arne|Nissen|Leitung|Inhaber|hamburg',
  'Frauke|Petersen|Leitung|Büroleiterin|hamburg',
  'Jan|Claasen|Gestaltung|Gestalter|luebeck',
  'Wiebke|Harms|Gestaltung|Gestalterin|hamburg',
  'Sönke|Behrens|Gestaltung|Gestalter|hamburg',
  'Maike|Detlefsen|Beratung|Beraterin|luebeck',
  'Henning|Kruse|Beratung|Berater|hamburg',
  'Silke|Ohlsen|Buchhaltung|Buchhalterin|hamburg',
  'Malte|Reimers|Produktion|Drucker|luebeck',
  'Kerstin|Voss|Produktion|Druckerin|hamburg',
];

const OTHERS: readonly Role[] = [
  account('adm-nissen', 'admin', 'Arne', 'Nissen', {
    home: 'hamburg',
    owner: 'nissen',
    roles: [ROLE.globalAdministrator],
  }),
  account('adm-petersen', 'admin', 'Frauke', 'Petersen', {
    home: 'hamburg',
    owner: 'petersen',
    roles: [ROLE.globalAdministrator],
  }),
  account('break-glass', 'break_glass', 'Notfall', 'Konto', { roles: [ROLE.globalAdministrator] }),
  account('auftrag', 'shared', 'Auftrag', ''),
  account('guest-iversen', 'guest', 'Lars', 'Iversen', { home: 'hamburg', domain: 'iversen-text.example' }),
];

/** A design office on Business Standard and Basic: no Entra ID P1, hence no sign-in log through Graph. */
export const NORDLICHT: Cast = {
  name: 'Nordlicht Gestaltung',
  key: 'nordlicht',
  licence: 'free',
  sku: BUSINESS_STANDARD,
  domain: 'nordlicht.example',
  initialDomain: 'nordlicht.onmicrosoft.example',
  zone: 'Europe/Berlin',
  devicePrefix: 'NL',
  office: { city: 'hamburg', ipAddress: '203.0.113.20' },
  founded: '2021-05-17T08:00:00Z',
  synced: false,
  people: [
    ...staff(STAFF, BUSINESS_STANDARD, {
      reimers: { sku: BUSINESS_BASIC },
      voss: { sku: BUSINESS_BASIC },
    }),
    ...OTHERS,
  ],
  joiner: 'voss',
  invited: 'guest-iversen',
  promoted: 'harms',
  operator: 'adm-petersen',
};
