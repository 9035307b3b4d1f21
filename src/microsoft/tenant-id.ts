import { CredentialError } from '../errors.ts';
import type { CloudHosts } from '../model/tenant.ts';
import { isObject, networkError, parseJson } from './errors.ts';
import { openTransport } from './transport.ts';

export interface ResolveOptions {
  /** Authority to trust; in a custom cloud the only one, else besides the built-in ones. */
  readonly caPem?: string | null | undefined;
  readonly custom: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The tenant GUID behind a verified domain, from the issuer of its openid-configuration, which answers anybody (fact
 * sheet F, "openid-configuration"). Throws CredentialError: permanent when the sign-in service knows no such tenant,
 * not when it could not be asked.
 */
export async function resolveTenantId(domain: string, hosts: CloudHosts, o: ResolveOptions): Promise<string> {
  const what = `find the tenant of ${domain}`;
  const transport = openTransport(o.caPem ? { ca: { pem: o.caPem, only: o.custom } } : {});
  const url = `${hosts.authority}/${encodeURIComponent(domain)}/v2.0/.well-known/openid-configuration`;
  try {
    const response = await transport.send(url, { method: 'GET', headers: {}, ...signalOf(o) });
    return idFrom(what, response.status, await response.text());
  } catch (error) {
    o.signal?.throwIfAborted();
    if (error instanceof CredentialError) throw error;
    const { message } = networkError(error, { what });
    throw new CredentialError(`${message}; or write its id beside the domain`, 0, false, { cause: error });
  } finally {
    await transport.close();
  }
}

function signalOf({ signal }: ResolveOptions): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

/** `https://login.microsoftonline.com/<guid>/v2.0`; the other clouds' issuers are read alike. */
function idFrom(what: string, status: number, text: string): string {
  const body = parseJson(text);
  const issuer = isObject(body) ? body['issuer'] : null;
  const id = /\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/i.exec(String(issuer))?.[1];
  if (status === 200 && id !== undefined) return id.toLowerCase();
  if (status === 400 || status === 404) {
    const number = Number(/AADSTS(\d{4,9})/.exec(text)?.[1] ?? 0);
    const name = number === 0 ? '' : `AADSTS${number}, `;
    throw new CredentialError(
      `${what}: ${name}the sign-in service knows no such tenant; check the domain and the cloud`,
      number,
      true,
    );
  }
  throw new CredentialError(
    `${what}: the sign-in service answered ${status} without a tenant id; try again, or write its id beside the domain`,
    0,
    false,
  );
}
