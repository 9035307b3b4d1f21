/**
 * What a source needs the tenant to have bought: `p1` = Microsoft Entra ID P1 or P2, `p2` = Microsoft Entra ID P2,
 * `workload_id` = Microsoft Entra Workload ID Premium, `defender` = a product that reports to Microsoft Defender XDR,
 * `intune` = Microsoft Intune.
 */
export type Licence = 'p1' | 'p2' | 'workload_id' | 'defender' | 'intune';

/** Microsoft's names, for texts. */
export const licenceNames: Readonly<Record<Licence, string>> = {
  p1: 'Microsoft Entra ID P1',
  p2: 'Microsoft Entra ID P2',
  workload_id: 'Microsoft Entra Workload ID Premium',
  defender: 'Microsoft Defender',
  intune: 'Microsoft Intune',
};
