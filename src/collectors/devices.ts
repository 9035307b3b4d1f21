import { deviceSelect } from '../records/index.ts';
import { delta } from './delta.ts';
import { stateIntervals } from './settings.ts';

/** Devices by delta. https://learn.microsoft.com/graph/api/device-delta */
export const devices = delta({
  source: 'devices',
  kind: 'device',
  path: '/devices/delta',
  what: 'read the devices',
  needs: { permission: 'Device.Read.All', licence: null },
  intervalMs: stateIntervals.devices,
  selects: [deviceSelect, []],
});
