import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../commands/command-run.ts';
import { startSimulated, type Simulated } from './simulated.ts';

describe('one round of the service', () => {
  let simulated: Simulated;
  let switchServer: Server;
  const pings: string[] = [];

  beforeAll(async () => {
    simulated = await startSimulated(0);
    switchServer = createServer((request, response) => {
      pings.push(request.url ?? '');
      response.end();
    });
    await new Promise<void>((resolve) => switchServer.listen(0, '127.0.0.1', resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => switchServer.close(resolve));
    await simulated.stop();
  });

  function context() {
    const folder = simulated.folder();
    const url = `http://127.0.0.1:${(switchServer.address() as AddressInfo).port}/ping/x`;
    const env = simulated.environment(simulated.licensed, folder, { TENANTWATCH_HEARTBEAT_URL: url });
    return { env, cwd: folder };
  }

  it('pings the dead-man switch when everything was read', async () => {
    pings.length = 0;
    expect(await runCommand(['run', '--once'], context())).toMatchObject({ code: 0, stderr: '' });
    expect(pings).toEqual(['/ping/x']);
  });

  it('pings its failure when a source was not read, and status exits 1', async () => {
    pings.length = 0;
    await simulated.faults({ match: 'auditLogs/directoryAudits', kind: 'malformed', times: null });
    const where = context();
    expect((await runCommand(['run', '--once'], where)).code).toBe(0);
    await simulated.clearFaults();
    expect(pings).toEqual(['/ping/x/fail']);
    const status = await runCommand(['status'], where);
    expect(status.code).toBe(1);
    expect(status.stdout).toContain('problem: directory-audits failed');
  });
});
