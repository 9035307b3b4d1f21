import type { Reader } from './extract.ts';
import type { MappedField, SourceMapping } from './mapping.ts';

/** Keywords look at the whole record, which is kept under this name; no field of a rule is called so. */
const WHOLE = '*';

/** The field names that an event shows, each read when it is first asked for. */
export class Projection {
  readonly #descriptors: PropertyDescriptorMap;

  /** `fields` are names as rules write them; those that the mapping does not know stay absent. */
  constructor(mapping: SourceMapping, fields: Iterable<string>) {
    const known = new Map<string, MappedField>();
    let whole = false;
    for (const name of fields) {
      const field = name === WHOLE ? null : mapping.field(name);
      if (field !== null) known.set(name, field);
      whole ||= name === WHOLE;
    }
    this.#descriptors = ProjectedEvent.describe(known, whole);
  }

  /** The event of one record: own properties under Sigma's names, one value as it is, several as a list. */
  of(record: object): object {
    return new ProjectedEvent(record, this.#descriptors);
  }
}

/** The event that rules see of one record of Graph's: only `fields` of it, read when they are first asked for. */
export function projectEvent(mapping: SourceMapping, record: object, fields: Iterable<string>): object {
  return new Projection(mapping, fields).of(record);
}

/** Rules look at own properties only, so the getters stand on the event itself; a value that is absent is undefined. */
class ProjectedEvent {
  readonly #record: object;
  /** By reader: names that mean the same are read once. */
  readonly #known = new Map<Reader, unknown>();

  constructor(record: object, descriptors: PropertyDescriptorMap) {
    this.#record = record;
    Object.defineProperties(this, descriptors);
  }

  static describe(fields: ReadonlyMap<string, MappedField>, whole: boolean): PropertyDescriptorMap {
    // Without a prototype, so that no name of a field can mean anything but itself.
    const descriptors = Object.create(null) as PropertyDescriptorMap;
    for (const [name, field] of fields) {
      descriptors[name] = {
        enumerable: true,
        get(this: ProjectedEvent) {
          return this.#read(field.read);
        },
      };
    }
    if (whole) {
      descriptors[WHOLE] = {
        enumerable: true,
        get(this: ProjectedEvent) {
          return this.#record;
        },
      };
    }
    return descriptors;
  }

  #read(read: Reader): unknown {
    if (this.#known.has(read)) return this.#known.get(read);
    const values = read(this.#record);
    const value = values.length > 1 ? values : values[0];
    this.#known.set(read, value);
    return value;
  }
}
