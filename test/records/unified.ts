import { ANNA, BEN, GLOBAL_ADMINISTRATOR, type Json } from './wire.ts';

// Records of the unified audit log in the shape of public ones (graph-facts 12, wire-facts): documentation domains and
// addresses, invented ids.

export const RECORD_ID = 'aa000000-1111-4222-8333-000000000001';
export const SIGN_IN_ID = '5e000000-aaaa-4bbb-8ccc-000000000001';

/** A sign-in that worked. */
export function userLoggedIn(over: Json = {}): Json {
  return {
    CreationTime: '2026-07-17T14:10:02',
    Id: RECORD_ID,
    Operation: 'UserLoggedIn',
    OrganizationId: '70000000-1111-4222-8333-000000000001',
    RecordType: 15,
    ResultStatus: 'Success',
    UserKey: ANNA,
    UserType: 0,
    Version: 1,
    Workload: 'AzureActiveDirectory',
    ClientIP: '193.99.144.80',
    ObjectId: '00000003-0000-0000-c000-000000000000',
    UserId: 'anna@muster.example',
    ExtendedProperties: [
      { Name: 'ResultStatusDetail', Value: 'Success' },
      { Name: 'UserAgent', Value: 'Mozilla/5.0 (Windows NT 10.0)' },
      { Name: 'RequestType', Value: 'OAuth2:Token' },
    ],
    ModifiedProperties: [],
    Actor: [
      { ID: ANNA, Type: 0 },
      { ID: 'anna@muster.example', Type: 5 },
    ],
    ActorIpAddress: '193.99.144.80',
    InterSystemsId: 'c0000000-1111-4222-8333-000000000001',
    IntraSystemId: SIGN_IN_ID,
    Target: [{ ID: '00000002-0000-0ff1-ce00-000000000000', Type: 0 }],
    ApplicationId: 'd3590ed6-52b3-4102-aeff-aad2292ab01c',
    DeviceProperties: [
      { Name: 'OS', Value: 'Windows 10' },
      { Name: 'SessionId', Value: '5e550000-1111-4222-8333-000000000001' },
    ],
    ErrorNumber: '0',
    ...over,
  };
}

/** A sign-in that failed: ResultStatus says Success all the same. */
export function userLoginFailed(errorNumber: unknown, over: Json = {}): Json {
  return userLoggedIn({ Operation: 'UserLoginFailed', ErrorNumber: errorNumber, ...over });
}

/** A role given, as the directory writes it into the unified log: bare values, a full stop, targets of all kinds. */
export function addMemberToRole(over: Json = {}): Json {
  return {
    CreationTime: '2026-07-17T14:20:00',
    Id: 'aa000000-1111-4222-8333-000000000002',
    Operation: 'Add member to role.',
    RecordType: 8,
    ResultStatus: 'Success',
    UserKey: '10030000A1B2C3D4@muster.example',
    UserType: 0,
    Workload: 'AzureActiveDirectory',
    ObjectId: 'ben@muster.example',
    UserId: 'anna@muster.example',
    ExtendedProperties: [{ Name: 'additionalDetails', Value: '{"User-Agent":"x"}' }],
    ModifiedProperties: [
      { Name: 'Role.ObjectID', NewValue: '90000000-1111-4222-8333-000000000001', OldValue: '' },
      { Name: 'Role.DisplayName', NewValue: 'Global Administrator', OldValue: '' },
      { Name: 'Role.TemplateId', NewValue: GLOBAL_ADMINISTRATOR, OldValue: '' },
    ],
    Actor: [
      { ID: 'anna@muster.example', Type: 5 },
      { ID: '10030000A1B2C3D4', Type: 3 },
      { ID: `User_${ANNA}`, Type: 2 },
      { ID: ANNA, Type: 2 },
      { ID: 'User', Type: 2 },
    ],
    Target: [
      { ID: `User_${BEN}`, Type: 2 },
      { ID: BEN, Type: 2 },
      { ID: 'User', Type: 2 },
      { ID: 'ben@muster.example', Type: 5 },
    ],
    ...over,
  };
}

/** An inbox rule made in Outlook on the web. */
export function newInboxRule(parameters: Json, over: Json = {}): Json {
  return {
    CreationTime: '2026-07-17T14:30:00',
    Id: 'aa000000-1111-4222-8333-000000000003',
    Operation: 'New-InboxRule',
    RecordType: 1,
    ResultStatus: 'True',
    UserKey: '10032000C757D25F',
    UserType: 2,
    Workload: 'Exchange',
    ClientIP: '[2001:db8::1]:36185',
    ObjectId: 'EURP000A001.PROD.OUTLOOK.COM/Microsoft Exchange Hosted Organizations/x/Anna\\..',
    UserId: 'Anna@muster.example',
    Parameters: Object.entries(parameters).map(([Name, Value]) => ({ Name, Value })),
    ...over,
  };
}
