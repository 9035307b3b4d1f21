import { randomUUID } from 'node:crypto';
import { isoSeconds } from './clock.ts';

/** A refusal of the token endpoint, without the trace ids. */
export interface TokenProblem {
  readonly code: number;
  readonly error: string;
  readonly status: number;
  /** Without the leading `AADSTSn:`. */
  readonly text: string;
}

/** The error body of login.microsoftonline.com (GH microsoft-365-agents-toolkit#8621). */
export function tokenErrorBody(problem: TokenProblem, now: number): Record<string, unknown> {
  const timestamp = isoSeconds(now).replace('T', ' ');
  const trace = randomUUID();
  const correlation = randomUUID();
  return {
    error: problem.error,
    error_description: `AADSTS${problem.code}: ${problem.text}\r\nTrace ID: ${trace}\r\nCorrelation ID: ${correlation}\r\nTimestamp: ${timestamp}`,
    error_codes: [problem.code],
    timestamp,
    trace_id: trace,
    correlation_id: correlation,
    error_uri: `https://login.microsoftonline.com/error?code=${problem.code}`,
  };
}

/** 90002 (GH BatchAI#31; azure-keyvault-emulator#324): `invalid_request` at the token endpoint, `invalid_tenant` at discovery. */
export function unknownTenant(tenant: string, error: 'invalid_request' | 'invalid_tenant'): TokenProblem {
  const text = `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud. Check with your subscription administrator, this may happen if there are no active subscriptions for the tenant.`;
  return { code: 90002, error, status: 400, text };
}

/** 700016 (GH azure-sdk-for-python#8314; azure-powershell#9156). Status 400 UNVERIFIED. */
export function unknownApp(clientId: string, tenant: string): TokenProblem {
  const text = `Application with identifier '${clientId}' was not found in the directory '${tenant}'. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You may have sent your authentication request to the wrong tenant.`;
  return { code: 700016, error: 'unauthorized_client', status: 400, text };
}

export function wrongSecret(clientId: string): TokenProblem {
  const text = `Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '${clientId}'.`;
  return { code: 7000215, error: 'invalid_client', status: 401, text };
}

/** 7000222 (GH microsoft/botframework-sdk#6221). */
export function expiredSecret(clientId: string): TokenProblem {
  const text = `The provided client secret keys for app '${clientId}' are expired. Visit the Azure portal to create new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: https://aka.ms/certCreds.`;
  return { code: 7000222, error: 'invalid_client', status: 401, text };
}

/** 7000229 (GH Commercial-Marketplace-SaaS-Accelerator#830). Status 401 UNVERIFIED. */
export function missingServicePrincipal(clientId: string, tenant: string): TokenProblem {
  const text = `The client application ${clientId} is missing service principal in the tenant ${tenant}. See instructions here: https://go.microsoft.com/fwlink/?linkid=2225119`;
  return { code: 7000229, error: 'invalid_client', status: 401, text };
}

/** 7000112 (entra-docs reference-error-codes.md). Status 400 UNVERIFIED. */
export function disabledApp(clientId: string, name: string): TokenProblem {
  return {
    code: 7000112,
    error: 'unauthorized_client',
    status: 400,
    text: `Application '${clientId}'(${name}) is disabled.`,
  };
}

/** 7000218 (GH azure-docs#25959). */
export function missingCredential(): TokenProblem {
  const text =
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.";
  return { code: 7000218, error: 'invalid_client', status: 401, text };
}

/** 900144 and the ones below: from general knowledge (UNVERIFIED). */
export function missingParameter(name: string): TokenProblem {
  const text = `The request body must contain the following parameter: '${name}'.`;
  return { code: 900144, error: 'invalid_request', status: 400, text };
}

export function unsupportedGrant(grant: string): TokenProblem {
  const text = `The app requested an unsupported grant type '${grant}'.`;
  return { code: 70003, error: 'unsupported_grant_type', status: 400, text };
}

export function invalidScope(scope: string): TokenProblem {
  const text = `The provided value for scope ${scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).`;
  return { code: 1002012, error: 'invalid_scope', status: 400, text };
}

/** 500011 (entra-docs reference-error-codes.md). */
export function unknownResource(resource: string, tenant: string): TokenProblem {
  const text = `The resource principal named ${resource} was not found in the tenant named ${tenant}. This can happen if the application has not been installed by the administrator of the tenant or consented to by any user in the tenant. You might have sent your authentication request to the wrong tenant.`;
  return { code: 500011, error: 'invalid_resource', status: 400, text };
}
