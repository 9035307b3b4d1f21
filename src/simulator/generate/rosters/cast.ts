import type { Sku } from '../data/skus.ts';
import type { CityName } from '../places.ts';
import type { PersonKind, Role } from '../people.ts';

/** One tenant to generate: who works there and under which names. Names are invented, domains reserved (RFC 2606). */
export interface Cast {
  readonly name: string;
  readonly key: string;
  readonly licence: 'free' | 'p1';
  readonly sku: Sku;
  readonly domain: string;
  readonly initialDomain: string;
  readonly zone: string;
  readonly devicePrefix: string;
  readonly office: { readonly city: CityName; readonly ipAddress: string };
  readonly founded: string;
  /** Has an on-premises directory that is synchronised. */
  readonly synced: boolean;
  readonly people: readonly Role[];
  /** Keys of the people to whom ordinary things happen (ordinary-changes.ts). */
  readonly joiner: string;
  readonly leaver?: string;
  readonly invited: string;
  readonly promoted: string;
  /** A group that can hold roles and holds one; its members by key. */
  readonly roleGroup?: { readonly name: string; readonly members: readonly string[] };
  /** The administrator who does ordinary work. */
  readonly operator: string;
}

/** `given|surname|department|title|home` lines to staff; the key is the surname in lower case. */
export function staff(
  lines: readonly string[],
  sku: Sku,
  changes: Readonly<Record<string, Partial<Role>>>,
): Role[] {
  return lines.map((line) => {
    const [given = '', surname = '', department = '', title = '', home = ''] = line.split('|');
    const key = surname.toLowerCase();
    return {
      key,
      kind: 'staff',
      given,
      surname,
      department,
      title,
      home: home as CityName,
      sku,
      ...changes[key],
    };
  });
}

/** An account that is no licensed employee's: administration, guests, shared mailboxes, machines. */
export function account(
  key: string,
  kind: PersonKind,
  given: string,
  surname: string,
  more: Partial<Role> = {},
): Role {
  return { key, kind, given, surname, department: '', title: '', home: 'koeln', ...more };
}
