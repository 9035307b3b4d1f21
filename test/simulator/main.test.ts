import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import type { Ready } from '../../src/simulator/server/index.ts';

const directory = mkdtempSync(join(tmpdir(), 'simulator-main-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function start(...extra: string[]): ChildProcessWithoutNullStreams {
  const args = ['src/simulator/main.ts', '--seed', '1', '--days', '1', '--dir', directory, ...extra];
  return spawn(process.execPath, args, { stdio: 'pipe' });
}

async function readLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return line;
}

describe('the simulator as a process', () => {
  it('prints one line when ready and ends when its parent lets go of its stdin', async () => {
    const child = start('--now', '2026-11-24T00:00:00Z');
    const ready = JSON.parse(await readLine(child)) as Ready;
    expect(ready.tenants.length).toBeGreaterThan(0);
    expect(readFileSync(ready.ca_file, 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/);
    expect(JSON.parse(readFileSync(ready.stories_file, 'utf8'))).toBeInstanceOf(Array);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends on SIGTERM', async () => {
    const child = start('--now', '2026-11-24T00:00:00Z', '--clock', '2026-11-20T00:00:00Z');
    await readLine(child);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('says in a sentence what is wrong with its arguments', async () => {
    const child = start('--now', 'yesterday');
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => (text += String(chunk)));
    expect(await once(child, 'exit')).toEqual([2, null]);
    expect(text).toBe('simulator: --now "yesterday" is no time; write it as 2026-11-24T00:00:00Z\n');
  });
});
