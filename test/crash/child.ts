import type { SimulatorReady } from '../../src/commands/simulator-process.ts';
import { runService } from './scenario.ts';

// Started by kill.test.ts: runs the service and kills this process, for real, at the n-th operation.
const job = JSON.parse(process.argv[2] ?? '{}') as { ready: SimulatorReady; folder: string; at: number };
let count = 0;
await runService(job.ready, job.folder, () => {
  count += 1;
  if (count === job.at) process.kill(process.pid, 'SIGKILL');
});
