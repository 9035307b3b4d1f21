import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, objects, own, sorted, text, texts, type Raw } from './property.ts';
import { settingsOf } from './settings-list.ts';
import { instant } from './time.ts';

const KINDS: ReadonlyMap<string, string> = new Map([
  ['ipnamedlocation', 'ip'],
  ['countrynamedlocation', 'country'],
]);

/** namedLocation: addresses, countries, or a kind that we do not know by its own name. */
export function parseNamedLocation(raw: unknown): Parsed<EntityRecord> {
  const location = object(raw);
  const id = objectId(own(location, 'id'));
  if (location === null || id === null) return refused('the named location has no id');
  const json = {
    name: text(own(location, 'displayName')),
    kind: kindOf(location),
    trusted: flag(own(location, 'isTrusted')),
    ranges: rangesOf(location),
    countries: sorted(texts(own(location, 'countriesAndRegions')).map((code) => code.toUpperCase())),
    unknown_countries: flag(own(location, 'includeUnknownCountriesAndRegions')),
    lookup: text(own(location, 'countryLookupMethod')),
    created_at: instant(own(location, 'createdDateTime')),
    settings: settingsOf(location),
  };
  return accepted({ kind: 'named_location', id, json, scalars: {} });
}

/** Without the type, which a `$select` leaves out, what it holds tells. */
function kindOf(location: Raw): string | null {
  const type = text(own(location, '@odata.type'))?.split('.').at(-1);
  if (type !== undefined) return KINDS.get(type.toLowerCase()) ?? type;
  if (own(location, 'ipRanges') !== undefined) return 'ip';
  return own(location, 'countriesAndRegions') === undefined ? null : 'country';
}

function rangesOf(location: Raw): string[] {
  const ranges = objects(own(location, 'ipRanges')).map((range) => text(own(range, 'cidrAddress')));
  return sorted(ranges.filter((range) => range !== null));
}
