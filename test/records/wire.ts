// Records in wire shape (wire facts of July 2026): documentation domains and addresses, invented ids.
export const ANNA = '1a000000-1111-4222-8333-000000000001';
export const BEN = '1b000000-1111-4222-8333-000000000002';
export const GLOBAL_ADMINISTRATOR = '62e90394-69f5-4237-9190-012177145e10';

export type Json = Record<string, unknown>;

/** A successful interactive sign-in as beta gives it. */
export function signIn(over: Json = {}): Json {
  return {
    id: '5e000000-aaaa-4bbb-8ccc-000000000001',
    createdDateTime: '2026-07-17T14:10:02Z',
    userDisplayName: 'Anna Adler',
    userPrincipalName: 'anna@muster.example',
    userId: ANNA,
    appId: '00000002-0000-0ff1-ce00-000000000000',
    appDisplayName: 'Office 365 Exchange Online',
    ipAddress: '203.0.113.9',
    clientAppUsed: 'Browser',
    conditionalAccessStatus: 'notApplied',
    isInteractive: true,
    status: { errorCode: 0, failureReason: 'Other.', additionalDetails: null },
    deviceDetail: { deviceId: '', displayName: null, trustType: null },
    location: { city: 'Berlin', state: null, countryOrRegion: 'de', geoCoordinates: null },
    authenticationProtocol: 'oAuth2',
    ...over,
  };
}

/** A role given in the portal, as Core Directory logs it: values JSON-encoded, two targets. */
export function roleAudit(over: Json = {}): Json {
  return {
    id: 'Directory_a0000000-dddd-4eee-8fff-000000000001_7KQ2M_70000001',
    category: 'RoleManagement',
    correlationId: 'a0000000-dddd-4eee-8fff-000000000001',
    result: 'success',
    resultReason: '',
    activityDisplayName: 'Add member to role',
    activityDateTime: '2026-07-17T14:10:02.7215374Z',
    loggedByService: 'Core Directory',
    operationType: 'Assign',
    initiatedBy: {
      user: { id: BEN, displayName: null, userPrincipalName: 'ben@muster.example', ipAddress: '203.0.113.7' },
      app: null,
    },
    targetResources: [
      {
        id: ANNA,
        displayName: 'Anna Adler',
        type: 'User',
        userPrincipalName: 'anna@muster.example',
        groupType: null,
        modifiedProperties: [
          {
            displayName: 'Role.ObjectID',
            oldValue: null,
            newValue: '"0b0b0b0b-1111-4222-8333-00000000000a"',
          },
          { displayName: 'Role.DisplayName', oldValue: null, newValue: '"Global Administrator"' },
          { displayName: 'Role.TemplateId', oldValue: null, newValue: `"${GLOBAL_ADMINISTRATOR}"` },
        ],
      },
      { id: '0b0b0b0b-1111-4222-8333-00000000000a', displayName: 'Global Administrator', type: 'Role' },
    ],
    additionalDetails: [],
    ...over,
  };
}
