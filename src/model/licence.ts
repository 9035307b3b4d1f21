/**
 * What a source needs the tenant to have bought: `p1` = Microsoft Entra ID P1 or P2, `p2` = Microsoft Entra ID P2,
 * `workload_id` = Microsoft Entra Workload ID Premium.
 */
export type Licence = 'p1' | 'p2' | 'workload_id';

/** Microsoft's names, for texts. */
export const licenceNames: Readonly<Record<Licence, string>> = {
  p1: 'Microsoft Entra ID P1',
  p2: 'Microsoft Entra ID P2',
  workload_id: 'Microsoft Entra Workload ID Premium',
};
