import type { EntityRecord } from '../model/entity.ts';
import { accepted, refused, type Parsed } from './parsed.ts';
import { flag, object, objectId, own, text } from './property.ts';
import { instant } from './time.ts';

/** `$select` of managedDevices: nothing of who calls whom, of keys or of what is installed. */
export const managedDeviceSelect: readonly string[] = [
  'id',
  'azureADDeviceId',
  'deviceName',
  'userId',
  'userPrincipalName',
  'managedDeviceOwnerType',
  'complianceState',
  'isEncrypted',
  'jailBroken',
  'isSupervised',
  'managementAgent',
  'deviceRegistrationState',
  'partnerReportedThreatState',
  'operatingSystem',
  'osVersion',
  'enrolledDateTime',
  'lastSyncDateTime',
  'manufacturer',
  'model',
];

/** As for devices of Entra ID: the rest moves with every monthly update. */
const VERSION_PARTS = 3;

/**
 * managedDevice of Intune. `device_id` is the `device_id` of the same device in Entra ID, null for one that is not registered
 * there. When it last reported moves by itself: it makes no change.
 */
export function parseManagedDevice(raw: unknown): Parsed<EntityRecord> {
  const device = object(raw);
  const id = objectId(own(device, 'id'));
  if (device === null || id === null) return refused('the managed device has no id');
  const version = text(own(device, 'osVersion'));
  const json = {
    name: text(own(device, 'deviceName')),
    device_id: objectId(own(device, 'azureADDeviceId')),
    user_id: objectId(own(device, 'userId')),
    upn: text(own(device, 'userPrincipalName')),
    owner: text(own(device, 'managedDeviceOwnerType')),
    compliance: text(own(device, 'complianceState')),
    encrypted: flag(own(device, 'isEncrypted')),
    jailbroken: jailbroken(own(device, 'jailBroken')),
    supervised: flag(own(device, 'isSupervised')),
    agent: text(own(device, 'managementAgent')),
    registration: text(own(device, 'deviceRegistrationState')),
    threat_state: text(own(device, 'partnerReportedThreatState')),
    os: text(own(device, 'operatingSystem')),
    os_version: version?.split('.').slice(0, VERSION_PARTS).join('.') ?? null,
    enrolled_at: instant(own(device, 'enrolledDateTime')),
    manufacturer: text(own(device, 'manufacturer')),
    model: text(own(device, 'model')),
  };
  const { device_id, name, user_id, upn, owner, compliance, os, os_version, enrolled_at } = json;
  const row = { device_id, name, user_id, upn, owner, compliance, os, os_version, enrolled_at };
  const flags = { encrypted: bit(json.encrypted), jailbroken: bit(json.jailbroken) };
  return accepted({ kind: 'managed_device', id, json, scalars: { managed_device: [{ ...row, ...flags }] } });
}

/** A text in Microsoft's schema; `Unknown` and everything else that is no yes or no is not known. */
function jailbroken(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const word = text(value)?.toLowerCase();
  if (word === 'true') return true;
  return word === 'false' ? false : null;
}

function bit(value: boolean | null): 0 | 1 | null {
  if (value === null) return null;
  return value ? 1 : 0;
}
