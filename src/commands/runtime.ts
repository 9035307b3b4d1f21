import { loadConfig } from '../config/config.ts';
import { openRuntime, type Runtime } from '../jobs/runtime.ts';
import { openLog } from '../log.ts';
import type { CommandContext } from './command.ts';

/** Opens what the configuration names, runs `work`, and closes it whatever happened. */
export async function withRuntime<T>(
  context: CommandContext,
  work: (runtime: Runtime) => Promise<T>,
): Promise<T> {
  const config = loadConfig(context.env, context.cwd);
  const runtime = await openRuntime({
    config,
    log: openLog(config.logLevel),
    signal: context.signal,
    machineClock: context.clock,
  });
  try {
    return await work(runtime);
  } finally {
    await runtime.close();
  }
}
