import { managedDeviceSelect } from '../records/index.ts';
import { stateIntervals } from './settings.ts';
import { snapshot } from './snapshot.ts';

/**
 * Devices as Intune manages them, read whole: no delta exists. A tenant without Intune answers 400 "Request not applicable to
 * target tenant". https://learn.microsoft.com/graph/api/intune-devices-manageddevice-list
 */
export const intuneDevices = snapshot({
  source: 'intune-devices',
  kind: 'managed_device',
  path: '/deviceManagement/managedDevices',
  query: { $select: managedDeviceSelect.join(',') },
  what: 'read the devices of Intune',
  needs: { permission: 'DeviceManagementManagedDevices.Read.All', licence: 'intune' },
  intervalMs: stateIntervals.intune,
});
