import { Failure } from '../errors.ts';

/** A refusal of the Management API. Codes and texts: office-365-management-activity-api-reference, "Errors". */
export class ManagementFailure extends Failure {
  override readonly name = 'ManagementFailure';
}

export function missingParameter(name: string): ManagementFailure {
  return new ManagementFailure(400, 'AF20001', `Missing parameter: ${name}.`);
}

export function wrongType(name: string): ManagementFailure {
  return new ManagementFailure(400, 'AF20002', `Invalid parameter type: ${name}. Expected type: DateTime`);
}

export function wrongTenant(asked: string, own: string): ManagementFailure {
  return new ManagementFailure(
    400,
    'AF20010',
    `The tenant ID passed in the URL (${asked}) does not match the tenant ID passed in the access token (${own}).`,
  );
}

export function invalidContentType(): ManagementFailure {
  return new ManagementFailure(400, 'AF20020', 'The specified content type is not valid.');
}

export function noSubscription(): ManagementFailure {
  return new ManagementFailure(400, 'AF20022', 'No subscription found for the specified content type.');
}

export function disabledSubscription(): ManagementFailure {
  return new ManagementFailure(400, 'AF20023', 'The subscription was disabled by a tenant admin.');
}

/** Undocumented, seen by tools (graph-facts 13). */
export function alreadyEnabled(): ManagementFailure {
  return new ManagementFailure(400, 'AF20024', 'The subscription is already enabled. No property change.');
}

export function wrongRange(): ManagementFailure {
  return new ManagementFailure(
    400,
    'AF20030',
    'Start time and end time must both be specified (or both omitted) and must be less than or equal to 24 hours apart, with the start time no more than 7 days in the past.',
  );
}

export function wrongPage(token: string): ManagementFailure {
  return new ManagementFailure(400, 'AF20031', `Invalid nextPage Input: ${token}.`);
}

export function noContent(id: string): ManagementFailure {
  return new ManagementFailure(404, 'AF20050', `The specified content (${id}) does not exist.`);
}

export function expiredContent(id: string): ManagementFailure {
  return new ManagementFailure(
    404,
    'AF20051',
    `Content requested with the key ${id} has already expired. Content older than 7 days cannot be retrieved.`,
  );
}

/** The status is told nowhere (UNVERIFIED). */
export function missingPermission(roles: readonly string[]): ManagementFailure {
  return new ManagementFailure(
    401,
    'AF10001',
    `The permission set (${roles.join(' ')}) sent in the request did not include the expected permission ActivityFeed.Read.`,
  );
}

/** A tenant whose auditing was never switched on: the code is garbled, the text is what tools look at (graph-facts 13). */
export function auditingOff(tenant: string): ManagementFailure {
  return new ManagementFailure(
    400,
    'StartSubscription [CorrelationId]',
    `Microsoft.Office.Compliance.Audit.DataServiceException: Tenant ${tenant} does not exist.`,
  );
}
