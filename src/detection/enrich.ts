import { BlockList, isIPv6 } from 'node:net';
import type { Act, StoredEvent } from '../model/event.ts';
import { isOutside } from '../records/index.ts';
import { readPath } from '../sigma/index.ts';
import { entityVersions, firstOkRead, ownDomains, type EntityVersion } from '../store/context.ts';
import type { Db } from '../store/database.ts';
import { placeholdersIn, settingsOf } from '../store/tenants.ts';

/** Context fields that rules may read, and the setting without which a field is not carried. */
export const contextFields: ReadonlyMap<string, string | null> = new Map([
  ['context.country', null],
  ['context.country_allowed', 'allowed_countries'],
  ['context.network_trusted', null],
  ['context.person.privileged', null],
  ['context.person.break_glass', null],
  ['context.person.vip', null],
  ['context.person.leaver', null],
  ['context.person.account_age_days', null],
  ['context.target.outside', null],
  ['context.target.privileged', null],
  ['context.historical', null],
]);

/** Fields that need objects as they were at the event's time; the others need the event and the settings only. */
const NEEDS_OBJECTS = /^context\.(person\.|target\.privileged|historical)/;
const DAY = 86_400_000;
/** Roles of tier 0 and 1 of src/records' table reach the whole tenant or its mail. */
const PRIVILEGED_TIER = 1;

/** What a rule reads as `context`; a value that is not known is absent. */
export interface Context {
  readonly country: string | undefined;
  readonly country_allowed: boolean | undefined;
  readonly network_trusted: boolean;
  readonly historical: boolean;
  readonly person: Readonly<Record<string, unknown>>;
  readonly target: Readonly<Record<string, unknown>>;
}

/** Values that were read, by field: stored with the hit. */
export type UsedContext = Record<string, unknown>;

interface Settings {
  readonly allowedCountries: ReadonlySet<string> | null;
  readonly trusted: BlockList;
  readonly breakGlass: ReadonlySet<string>;
  readonly vips: ReadonlySet<string>;
  readonly domains: readonly string[];
  readonly placeholders: ReadonlyMap<string, readonly string[]>;
}

/**
 * Gives one tenant's events their context as of event time. Objects are loaded for a batch at once and kept for the run;
 * rules that read no context cost nothing.
 */
export class Enricher {
  readonly #tenantId: string;
  readonly #settings: Settings;
  readonly #users = new Map<string, EntityVersion[]>();
  #roles: Map<string, EntityVersion[]> | null = null;
  /** Memberships of the groups whose members are read, by member. */
  #memberships: Map<string, EntityVersion[]> | null = null;
  #firstSnapshot: number | null | undefined;
  readonly #context: Context;
  #event: StoredEvent | null = null;
  #raw: object = {};
  #act: Act | null = null;
  #used: UsedContext = {};

  private constructor(tenantId: string, settings: Settings) {
    this.#tenantId = tenantId;
    this.#settings = settings;
    this.#context = this.#makeContext();
  }

  static async open(db: Db, tenantId: string): Promise<Enricher> {
    const values = await settingsOf(db, tenantId);
    const list = (name: string): string[] => splitList(values.get(name));
    const countries = list('allowed_countries').map((one) => one.toUpperCase());
    return new Enricher(tenantId, {
      allowedCountries: countries.length === 0 ? null : new Set(countries),
      trusted: toBlockList(list('trusted_networks')),
      breakGlass: new Set(list('break_glass').map((one) => one.toLowerCase())),
      vips: new Set(list('vips').map((one) => one.toLowerCase())),
      domains: await ownDomains(db, tenantId),
      placeholders: placeholdersIn(values),
    });
  }

  /** The tenant's values of the placeholders of imported rules. */
  get placeholders(): ReadonlyMap<string, readonly string[]> {
    return this.#settings.placeholders;
  }

  /** Why a context field is not carried in this tenant, or null when it is. Throws for a field that does not exist. */
  missing(field: string): string | null {
    const setting = contextFields.get(field);
    if (setting === undefined) return 'unknown_field';
    return setting === 'allowed_countries' && this.#settings.allowedCountries === null
      ? 'not_configured'
      : null;
  }

  /** Loads what rules that read `fields` need for these events, in one go. */
  async prepare(db: Db, fields: ReadonlySet<string>, events: readonly StoredEvent[]): Promise<void> {
    if (![...fields].some((field) => NEEDS_OBJECTS.test(field))) return;
    if (this.#firstSnapshot === undefined || this.#firstSnapshot === null) {
      const firsts = [
        await firstOkRead(db, this.#tenantId, 'users'),
        await firstOkRead(db, this.#tenantId, 'role-assignments'),
      ];
      const known = firsts.filter((first) => first !== null);
      this.#firstSnapshot = known.length === firsts.length ? Math.max(...known) : null;
    }
    this.#roles ??= groupBy(await entityVersions(db, this.#tenantId, 'role_assignment', null), (version) =>
      String(version.json['principal_id']),
    );
    this.#memberships ??= groupBy(await entityVersions(db, this.#tenantId, 'group_member', null), (version) =>
      String(version.json['member_id']),
    );
    await this.#loadUsers(db, events);
  }

  async #loadUsers(db: Db, events: readonly StoredEvent[]): Promise<void> {
    const ids = new Set<string>();
    for (const event of events) {
      for (const id of [event.userId, event.actorId]) if (id !== null && !this.#users.has(id)) ids.add(id);
    }
    if (ids.size === 0) return;
    const versions = groupBy(
      await entityVersions(db, this.#tenantId, 'user', [...ids]),
      (version) => version.id,
    );
    for (const id of ids) this.#users.set(id, (versions.get(id) ?? []).map(onlyRead));
  }

  /** The context of one event; valid until the next call. `act` narrows `target` to what that act is about. */
  contextOf(event: StoredEvent, raw: object, act: Act | null): Context {
    this.#event = event;
    this.#raw = raw;
    this.#act = act;
    this.#used = {};
    return this.#context;
  }

  /** What was read since the last `contextOf`. */
  used(): UsedContext {
    return this.#used;
  }

  /** Getters on the object itself: rules look at own properties only, and nothing is computed that no rule reads. */
  #makeContext(): Context {
    const person = this.#lazy('context.person.', {
      privileged: () => this.#isPrivileged(this.#personId()),
      break_glass: () => this.#isListed(this.#settings.breakGlass),
      vip: () => this.#isListed(this.#settings.vips),
      leaver: () => this.#isLeaver(),
      account_age_days: () => this.#accountAge(),
    });
    const target = this.#lazy('context.target.', {
      outside: () => this.#isTargetOutside(),
      privileged: () => this.#isTargetPrivileged(),
    });
    const top = this.#lazy('context.', {
      country: () => this.#event?.country ?? undefined,
      country_allowed: () => this.#isCountryAllowed(),
      network_trusted: () => isTrusted(this.#settings.trusted, this.#event?.ip ?? null),
      historical: () => this.#isHistorical(),
    });
    Object.defineProperty(top, 'person', { value: person, enumerable: true });
    Object.defineProperty(top, 'target', { value: target, enumerable: true });
    return top as unknown as Context;
  }

  #lazy(prefix: string, values: Readonly<Record<string, () => unknown>>): Record<string, unknown> {
    const object: Record<string, unknown> = {};
    for (const [name, compute] of Object.entries(values)) {
      const get = (): unknown => {
        const value = compute();
        if (value !== undefined) this.#used[prefix + name] = value;
        return value;
      };
      Object.defineProperty(object, name, { get, enumerable: true });
    }
    return object;
  }

  #isCountryAllowed(): boolean | undefined {
    const country = this.#event?.country ?? null;
    if (country === null || this.#settings.allowedCountries === null) return undefined;
    return this.#settings.allowedCountries.has(country);
  }

  /** Who did it: of an audit the actor, else the person the record is about. */
  #personId(): string | null {
    const event = this.#event;
    if (event === null) return null;
    return event.feed === 'directory-audits' ? event.actorId : (event.userId ?? event.actorId);
  }

  #isHistorical(): boolean {
    const first = this.#firstSnapshot;
    const known = first !== undefined && first !== null && (this.#event?.occurredAt ?? 0) >= first;
    // Whatever else was looked up came from this snapshot or a later one, so the hit says which.
    this.#used['context.historical'] = known;
    return known;
  }

  /** The version at the event's time; before the first snapshot the earliest one stands in, and the hit says so. */
  #versionAt(versions: readonly EntityVersion[]): EntityVersion | undefined {
    this.#isHistorical();
    const at = Math.max(this.#event?.occurredAt ?? 0, this.#firstSnapshot ?? 0);
    return versions.find((one) => one.validFrom <= at && (one.validTo === null || at < one.validTo));
  }

  #user(id: string | null): EntityVersion | undefined {
    return id === null ? undefined : this.#versionAt(this.#users.get(id) ?? []);
  }

  /** By a role of one's own, or of a group in which one was then. */
  #isPrivileged(id: string | null): boolean {
    if (id === null) return false;
    const memberships = groupBy(this.#memberships?.get(id) ?? [], (version) => version.id);
    const groups = [...memberships.values()].map((versions) => this.#versionAt(versions)?.json['group_id']);
    return [id, ...groups].some((holder) => typeof holder === 'string' && this.#holdsPrivilege(holder));
  }

  #holdsPrivilege(id: string): boolean {
    const assignments = groupBy(this.#roles?.get(id) ?? [], (version) => version.id);
    return [...assignments.values()].some((versions) => {
      const tier = this.#versionAt(versions)?.json['tier'];
      return typeof tier === 'number' && tier <= PRIVILEGED_TIER;
    });
  }

  #isListed(names: ReadonlySet<string>): boolean {
    const id = this.#personId();
    const upn = this.#user(id)?.json['upn'];
    return (id !== null && names.has(id)) || (typeof upn === 'string' && names.has(upn.toLowerCase()));
  }

  /** Disabled then, or past the leaving date that the directory gave then. */
  #isLeaver(): boolean {
    const user = this.#user(this.#personId())?.json;
    const leaveAt = user?.['leave_at'];
    const past = typeof leaveAt === 'number' && leaveAt <= (this.#event?.occurredAt ?? 0);
    return user?.['enabled'] === false || past;
  }

  #accountAge(): number | undefined {
    const created = this.#user(this.#personId())?.json['created_at'];
    if (typeof created !== 'number') return undefined;
    return Math.floor(((this.#event?.occurredAt ?? 0) - created) / DAY);
  }

  #isTargetOutside(): boolean | undefined {
    const addresses = this.#targetAddresses();
    return addresses.length === 0
      ? undefined
      : addresses.some((one) => isOutside(one, this.#settings.domains));
  }

  #targetAddresses(): string[] {
    const ofAct = this.#act?.words['target'];
    const found =
      ofAct === undefined
        ? [
            ...readPath(this.#raw, 'after.actions.target'),
            ...readPath(this.#raw, 'targetResources.userPrincipalName'),
          ]
        : [ofAct];
    return found.filter((one) => typeof one === 'string').filter((one) => one.includes('@'));
  }

  #isTargetPrivileged(): boolean | undefined {
    const id = this.#event?.userId ?? null;
    return id === null ? undefined : this.#isPrivileged(id);
  }
}

/** What of a user is read here. */
const READ_OF_USER = ['upn', 'enabled', 'leave_at', 'created_at'];

/** A large tenant has thousands of users, which are kept for the run. */
function onlyRead(version: EntityVersion): EntityVersion {
  return { ...version, json: Object.fromEntries(READ_OF_USER.map((name) => [name, version.json[name]])) };
}

function splitList(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

/** `203.0.113.0/24` or one address. The configuration has checked them; one that cannot be read trusts nobody. */
function toBlockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    const length = bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits);
    list.addSubnet(address, length, family);
  }
  return list;
}

function isTrusted(trusted: BlockList, ip: string | null): boolean {
  return ip !== null && trusted.check(ip, isIPv6(ip) ? 'ipv6' : 'ipv4');
}

function groupBy(
  versions: readonly EntityVersion[],
  keyOf: (version: EntityVersion) => string,
): Map<string, EntityVersion[]> {
  const groups = new Map<string, EntityVersion[]>();
  for (const version of versions) {
    const group = groups.get(keyOf(version));
    if (group) group.push(version);
    else groups.set(keyOf(version), [version]);
  }
  return groups;
}
