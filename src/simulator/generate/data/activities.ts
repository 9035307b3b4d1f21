/** What a directory audit says about its kind. */
export interface Activity {
  readonly activity: string;
  readonly service: string;
  readonly category: string;
  readonly operationType: string;
}

const CORE = 'Core Directory';

/**
 * activityDisplayName, loggedByService and category: MicrosoftDocs/entra-docs reference-audit-activities.md @092dd5c
 * (2024-04-15) and public records (Redeem external user invite: "B2B Auth" as a public record has it, the doc says
 * Invited Users). operationType: Add, Update, Delete and Assign as public records show them.
 */
export const ACTIVITY = {
  addUser: core('Add user', 'UserManagement', 'Add'),
  updateUser: core('Update user', 'UserManagement', 'Update'),
  disableAccount: core('Disable account', 'UserManagement', 'Update'),
  changeLicence: core('Change user license', 'UserManagement', 'Update'),
  resetPassword: core('Reset password', 'UserManagement', 'Update'),
  changePassword: {
    activity: 'Change password (self-service)',
    service: 'Self-service Password Management',
    category: 'UserManagement',
    operationType: 'Update',
  },
  registeredSecurityInfo: {
    activity: 'User registered security info',
    service: 'Authentication Methods',
    category: 'UserManagement',
    operationType: 'Add',
  },
  invite: {
    activity: 'Invite external user',
    service: 'Invited Users',
    category: 'UserManagement',
    operationType: 'Add',
  },
  redeem: {
    activity: 'Redeem external user invite',
    service: 'B2B Auth',
    category: 'UserManagement',
    operationType: 'Update',
  },
  addToGroup: core('Add member to group', 'GroupManagement', 'Assign'),
  removeFromGroup: core('Remove member from group', 'GroupManagement', 'Unassign'),
  updateGroup: core('Update group', 'GroupManagement', 'Update'),
  updateDevice: core('Update device', 'Device', 'Update'),
  addServicePrincipal: core('Add service principal', 'ApplicationManagement', 'Add'),
  addDelegatedGrant: core('Add delegated permission grant', 'ApplicationManagement', 'Assign'),
  consent: core('Consent to application', 'ApplicationManagement', 'Assign'),
  addToRole: core('Add member to role', 'RoleManagement', 'Assign'),
} as const satisfies Readonly<Record<string, Activity>>;

function core(activity: string, category: string, operationType: string): Activity {
  return { activity, service: CORE, category, operationType };
}
