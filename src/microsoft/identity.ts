import { AsyncLocalStorage } from 'node:async_hooks';
import { readFile } from 'node:fs/promises';
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  ManagedIdentityCredential,
  type TokenCredential,
} from '@azure/identity';
import type { Clock } from '../clock.ts';
import { CredentialError } from '../errors.ts';
import type { CloudHosts, Credential } from '../model/tenant.ts';
import { readCertificate } from './certificate.ts';
import type { TokenClient } from './token-client.ts';

export interface IdentityOptions {
  readonly tenantId: string;
  readonly credential: Credential;
  readonly hosts: CloudHosts;
  readonly clock: Clock;
  /** The authority is none of Microsoft's. */
  readonly custom: boolean;
  readonly client: TokenClient;
}

/** How the app is named in messages and quotas. */
export function appOf(credential: Credential): string {
  return credential.clientId ?? 'managed identity';
}

/**
 * A new credential for every token: @azure/identity and MSAL cache tokens and throttling on the machine's clock,
 * retry on it too, and fetch one token per concurrent caller (dependency notes, traps 25 and 27).
 * Files are read every time: a renewed one is used without a restart. Throws CredentialError about a file.
 */
export async function openIdentity(o: IdentityOptions): Promise<TokenCredential> {
  const { credential, tenantId } = o;
  const options = {
    authorityHost: o.hosts.authority,
    disableInstanceDiscovery: o.custom,
    httpClient: o.client,
    retryOptions: { maxRetries: 0 },
  };
  switch (credential.type) {
    case 'secret':
      return new ClientSecretCredential(tenantId, credential.clientId, credential.secret, options);
    case 'certificate': {
      const certificate = await readCertificate(credential.file, o.clock.now());
      return new ClientCertificateCredential(tenantId, credential.clientId, { certificate }, options);
    }
    case 'workload_identity': {
      // Not WorkloadIdentityCredential: it keeps the file's text for 5 min of the machine's clock.
      const assertion = await readAssertion(credential.tokenFile);
      return new ClientAssertionCredential(
        tenantId,
        credential.clientId,
        () => Promise.resolve(assertion),
        options,
      );
    }
    case 'managed_identity':
      return openManagedIdentity(credential.clientId, o.client);
  }
}

/** The client of the token request that is under way in this asynchronous context. */
const underWay = new AsyncLocalStorage<TokenClient>();

/**
 * MSAL keeps the HTTP client of the process's first managed identity for good (ManagedIdentityClient.identitySource is
 * static, msal-node 7.2.3), but ours live for one request each: so it gets one that finds the right one.
 */
const relay: TokenClient = {
  sendRequest(request) {
    const client = underWay.getStore();
    return client ? client.sendRequest(request) : Promise.reject(new Error('no token request is under way'));
  },
};

function openManagedIdentity(clientId: string | null, client: TokenClient): TokenCredential {
  const identity = new ManagedIdentityCredential({
    ...(clientId === null ? {} : { clientId }),
    httpClient: relay,
    retryOptions: { maxRetries: 0 },
  });
  return { getToken: (scope) => underWay.run(client, () => identity.getToken(scope)) };
}

async function readAssertion(file: string): Promise<string> {
  try {
    const text = (await readFile(file, 'utf8')).trim();
    if (text !== '') return text;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'error';
    throw refusal(`${file} cannot be read (${code}); correct the path or put the file there`, error);
  }
  throw refusal(`${file} is empty; let the platform write its token into it`);
}

function refusal(reason: string, cause?: unknown): CredentialError {
  return new CredentialError(`read the workload identity token: ${reason}`, 0, true, { cause });
}

/**
 * Where a managed identity's token comes from: the instance metadata service at 169.254.169.254 or an endpoint on
 * this machine [Microsoft Learn: entra/identity/managed-identities-azure-resources/how-to-use-vm-token,
 * app-service/overview-managed-identity].
 */
export function isMachineOrigin(origin: string): boolean {
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname === '[::1]' || /^(127|169\.254)\.[\d.]+$/.test(hostname);
}
