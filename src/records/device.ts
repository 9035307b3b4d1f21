import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, own, text } from './property.ts';
import { instant } from './time.ts';

/** `$select` of devices/delta. */
export const deviceSelect: readonly string[] = [
  'id',
  'deviceId',
  'displayName',
  'accountEnabled',
  'isCompliant',
  'isManaged',
  'trustType',
  'operatingSystem',
  'operatingSystemVersion',
  'registrationDateTime',
  'approximateLastSignInDateTime',
  'onPremisesSyncEnabled',
  'manufacturer',
  'model',
  'profileType',
];

/** Parts of a version that tell what it is (`10.0.22631`); the rest moves with every monthly update. */
const VERSION_PARTS = 3;

/** A device, whole. When it last signed in moves by itself: it stays in the raw object, and makes no change. */
export function parseDevice(raw: unknown): Parsed<EntityRecord> {
  const device = object(raw);
  const id = objectId(own(device, 'id'));
  if (device === null || id === null) return refused('the device has no id');
  const version = text(own(device, 'operatingSystemVersion'));
  const json = {
    name: text(own(device, 'displayName')),
    device_id: objectId(own(device, 'deviceId')),
    enabled: flag(own(device, 'accountEnabled')),
    compliant: flag(own(device, 'isCompliant')),
    managed: flag(own(device, 'isManaged')),
    trust: text(own(device, 'trustType')),
    os: text(own(device, 'operatingSystem')),
    os_version: version?.split('.').slice(0, VERSION_PARTS).join('.') ?? null,
    registered_at: instant(own(device, 'registrationDateTime')),
    synced: flag(own(device, 'onPremisesSyncEnabled')) === true,
    manufacturer: text(own(device, 'manufacturer')),
    model: text(own(device, 'model')),
    profile: text(own(device, 'profileType')),
  };
  return accepted({ kind: 'device', id, json, scalars: {} });
}
