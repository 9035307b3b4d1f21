import { fetch } from 'undici';

/** A ping answers within seconds; the service's round must never hang on it. */
const TIMEOUT_MS = 10_000;

/**
 * The dead-man's switch: a GET to an address that rings when the pings stop (healthchecks-style: `<url>` after a
 * complete round, `<url>/fail` after one with a tenant unread). Nothing about a tenant is sent.
 * Resolves with null, or with a sentence that says why the ping did not arrive.
 */
export async function ping(url: string, complete: boolean): Promise<string | null> {
  const target = complete ? url : `${url.replace(/\/+$/, '')}/fail`;
  try {
    const answer = await fetch(target, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await answer.body?.cancel();
    return answer.ok
      ? null
      : `ping the heartbeat: the address answered ${answer.status}; check TENANTWATCH_HEARTBEAT_URL`;
  } catch (error) {
    const cause =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return `ping the heartbeat: no answer (${cause}); check TENANTWATCH_HEARTBEAT_URL and the way out`;
  }
}
