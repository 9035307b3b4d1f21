// Audit activities that give or take a directory role, in lower case. Names: Microsoft Learn "Microsoft Entra audit log
// categories and activities" (MicrosoftDocs/entra-docs reference-audit-activities.md @092dd5c, 2024-04-15). PIM's
// requests, approvals, cancellations and renewals are not here: nobody has the role because of them.
export const ROLE_ACTIVITIES: ReadonlyMap<string, 'do' | 'undo'> = new Map([
  ['add member to role', 'do'],
  ['add eligible member to role', 'do'],
  ['add scoped member to role', 'do'],
  ['add member to role scoped over restricted management administrative unit', 'do'],
  ['add member to role in pim completed (permanent)', 'do'],
  ['add member to role in pim completed (timebound)', 'do'],
  ['add eligible member to role in pim completed (permanent)', 'do'],
  ['add eligible member to role in pim completed (timebound)', 'do'],
  ['add member to role completed (pim activation)', 'do'],
  ['add member to role outside of pim (permanent)', 'do'],
  ['remove member from role', 'undo'],
  ['remove eligible member from role', 'undo'],
  ['remove scoped member from role', 'undo'],
  ['remove member from role scoped over restricted management administrative unit', 'undo'],
  ['remove member from role in pim completed (permanent)', 'undo'],
  ['remove member from role in pim completed (timebound)', 'undo'],
  ['remove eligible member from role in pim completed (permanent)', 'undo'],
  ['remove eligible member from role in pim completed (timebound)', 'undo'],
  ['remove member from role completed (pim deactivate)', 'undo'],
  ['remove member from role (pim activation expired)', 'undo'],
]);
