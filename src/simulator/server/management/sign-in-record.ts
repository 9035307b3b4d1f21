import type { Raw } from '../../world.ts';
import { hashedGuid, pair } from './record-parts.ts';

/** LogonError by number: names of Microsoft's error-code page; others are left out. */
const LOGON_ERRORS: Readonly<Record<number, string>> = {
  50034: 'UserAccountNotFound',
  50055: 'InvalidPasswordExpiredPassword',
  50057: 'UserDisabled',
  50058: 'UserInformationNotProvided',
  50072: 'UserStrongAuthEnrollmentRequiredInterrupt',
  50074: 'UserStrongAuthClientAuthNRequiredInterrupt',
  50076: 'UserStrongAuthClientAuthNRequired',
  50126: 'InvalidUserNameOrPassword',
  50140: 'KmsiInterrupt',
  50199: 'CmsiInterrupt',
  53003: 'BlockedByConditionalAccess',
};

const NOBODY = '00000000-0000-0000-0000-000000000000';
const NOT_AVAILABLE = 'Not Available';

/** A sign-in as the unified audit log tells it (graph-facts 12): the same IntraSystemId as Graph's id, and much less. */
export function signInRecord(tenantId: string, signIn: Raw): Raw {
  const status = signIn['status'] as Raw | undefined;
  const code = Number(status?.['errorCode'] ?? 0);
  const device = (signIn['deviceDetail'] ?? {}) as Raw;
  const unknown = signIn['userId'] === NOBODY;
  const key = unknown ? NOT_AVAILABLE : signIn['userId'];
  const name = unknown ? NOT_AVAILABLE : signIn['userPrincipalName'];
  return {
    CreationTime: String(signIn['createdDateTime']).slice(0, 19),
    Id: hashedGuid('sign-in', String(signIn['id'])),
    Operation: code === 0 ? 'UserLoggedIn' : 'UserLoginFailed',
    OrganizationId: tenantId,
    RecordType: 15,
    // Success even of failures.
    ResultStatus: 'Success',
    UserKey: key,
    UserType: 0,
    Version: 1,
    Workload: 'AzureActiveDirectory',
    ClientIP: signIn['ipAddress'],
    ObjectId: signIn['resourceId'],
    UserId: name,
    AzureActiveDirectoryEventType: 1,
    ExtendedProperties: extendedProperties(signIn, code),
    ModifiedProperties: [],
    Actor: [
      { ID: key, Type: 0 },
      { ID: name, Type: 5 },
    ],
    ActorContextId: tenantId,
    ActorIpAddress: signIn['ipAddress'],
    InterSystemsId: signIn['correlationId'],
    IntraSystemId: signIn['id'],
    SupportTicketId: '',
    Target: [{ ID: signIn['resourceId'], Type: 0 }],
    TargetContextId: tenantId,
    ApplicationId: signIn['appId'],
    DeviceProperties: deviceProperties(signIn, device),
    ErrorNumber: String(code),
    ...(LOGON_ERRORS[code] === undefined ? {} : { LogonError: LOGON_ERRORS[code] }),
  };
}

function extendedProperties(signIn: Raw, code: number): Raw[] {
  const desktop = signIn['clientAppUsed'] !== 'Browser';
  return [
    pair('ResultStatusDetail', code === 0 ? (desktop ? 'Success' : 'Redirect') : 'UserError'),
    pair('UserAgent', String(signIn['userAgent'] ?? '')),
    pair('RequestType', desktop ? 'OAuth2:Token' : 'OAuth2:Authorize'),
  ];
}

function deviceProperties(signIn: Raw, device: Raw): Raw[] {
  const session = signIn['sessionId'];
  return [
    ...(device['deviceId'] ? [pair('Id', String(device['deviceId']))] : []),
    ...(device['displayName'] ? [pair('DisplayName', String(device['displayName']))] : []),
    pair('OS', String(device['operatingSystem'] ?? '')),
    pair('BrowserType', String(device['browser'] ?? '').split(' ')[0] ?? ''),
    pair('IsCompliantAndManaged', device['isManaged'] === true ? 'True' : 'False'),
    ...(typeof session === 'string' && session !== '' ? [pair('SessionId', session)] : []),
  ];
}
