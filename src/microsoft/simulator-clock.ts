import type { Clock } from '../clock.ts';
import { isObject, parseJson } from './errors.ts';
import { assertLoopback } from './hosts.ts';
import { networkFault } from './network-fault.ts';
import { openTransport, type Transport } from './transport.ts';

/** The simulator's virtual clock, as last told. Sleeping asks it to advance, so that quotas hold and a demo is quick. */
export interface SimulatorClock extends Clock {
  /** Moves it on to `ms` (UTC epoch); never back. */
  advanceTo(ms: number): Promise<void>;
  close(): Promise<void>;
}

/** Opens it. `url` is loopback only (ConfigError); `caPem` is the simulator's authority. Throws Error when it does not answer. */
export async function openSimulatorClock(url: string, caPem: string): Promise<SimulatorClock> {
  assertLoopback(url);
  const base = url.replace(/\/+$/, '');
  const transport = openTransport({ ca: { pem: caPem, only: true } });
  let last = await ask(transport, base, 'GET', undefined, undefined).catch(async (error: unknown) => {
    await transport.close();
    throw error;
  });

  async function advanceTo(ms: number, signal?: AbortSignal): Promise<void> {
    const told = await askTwice(() =>
      ask(transport, `${base}/advance-to`, 'POST', { to_ms: Math.ceil(ms) }, signal),
    );
    last = Math.max(last ?? ms, told ?? ms, ms);
  }

  if (last === null) {
    await transport.close();
    throw new Error(`read the simulator's clock: no now_ms in its answer; check the clock URL ${base}`);
  }
  return {
    now: () => last ?? 0,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      if (ms > 0) await advanceTo((last ?? 0) + ms, signal);
      signal?.throwIfAborted();
    },
    advanceTo: (ms) => advanceTo(ms),
    close: () => transport.close(),
  };
}

/** After minutes without a pause the server has closed the connection and we did not notice; telling it twice changes nothing. */
async function askTwice(question: () => Promise<number | null>): Promise<number | null> {
  try {
    return await question();
  } catch {
    return question();
  }
}

/** `now_ms` of the answer, null where it has none. */
async function ask(
  transport: Transport,
  url: string,
  method: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<number | null> {
  const content = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = { 'content-type': 'application/json' };
  try {
    const response = await transport.send(url, {
      method,
      headers,
      ...content,
      ...(signal ? { signal } : {}),
    });
    const answer = parseJson(await response.text());
    if (response.status >= 300) throw new Error(`it answered ${response.status}`);
    const now = isObject(answer) ? answer['now_ms'] : null;
    return typeof now === 'number' && Number.isFinite(now) ? now : null;
  } catch (error) {
    signal?.throwIfAborted();
    const reason = networkFault(error).reason;
    throw new Error(`ask the simulator's clock: ${reason}; start it again with tenantwatch simulate`, {
      cause: error,
    });
  }
}
