import { expect } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { CredentialError } from '../../src/errors.ts';
import { openTokenSource, type TokenSource, type TokenSourceOptions } from '../../src/microsoft/index.ts';
import { caught, NOW, tenantOf, tokenPath, type Reply, type TestServer } from './server.ts';

export const SCOPE = 'https://graph.microsoft.com/.default';

/** A token source on that server with a manual clock; jitter is always half. */
export function source(
  server: TestServer,
  options: Partial<TokenSourceOptions> = {},
): { tokens: TokenSource; clock: ManualClock } {
  const tenant = tenantOf(server);
  const clock = new ManualClock(NOW);
  const tokens = openTokenSource({
    tenantId: tenant.id,
    credential: tenant.credential,
    hosts: tenant.hosts,
    caPem: server.caPem,
    clock,
    random: () => 0.5,
    ...options,
  });
  return { tokens, clock };
}

/** What a caller gets when the token endpoint answers like this, and how long it took on the clock. */
export async function failure(
  server: TestServer,
  reply: Reply,
  options: Partial<TokenSourceOptions> = {},
): Promise<{ error: CredentialError; waited: number }> {
  server.on('POST', tokenPath, reply);
  const { tokens, clock } = source(server, options);
  const error = await caught(tokens.getToken(SCOPE));
  await tokens.close();
  expect(error).toBeInstanceOf(CredentialError);
  return { error: error as CredentialError, waited: clock.now() - NOW };
}
