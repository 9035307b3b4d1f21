import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { command } from '../../src/commands/detections.ts';
import { shippedDetections } from '../../src/detection/catalogue.ts';
import { runCommand } from './command-run.ts';

const entries = [{ name: command.name, summary: command.summary, load: () => Promise.resolve({ command }) }];
const run = (...argv: string[]) => runCommand(['detections', ...argv], {}, entries);
const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-detections-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('tenantwatch detections', () => {
  it('list names every shipped detection', async () => {
    const table = await run('list');
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toContain('RL-01');
    const json = (await run('list', '--json')).stdout.trimEnd().split('\n');
    expect(json.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({ catalogue: 'LC-11', life: 'state', sources: ['users', 'subscribed-skus'] }),
    );
  });

  it('test runs the cases of a folder or of one file, and exits 1 when one fails or a file is broken', async () => {
    const pair = ['legacy-protocol-sign-in.yml', 'legacy-protocol-sign-in.cases.yml'];
    for (const file of pair) cpSync(join(shippedDetections, 'sign-ins', file), join(folder, file));
    const good = await run('test', join(folder, pair[0] ?? ''));
    expect(good).toMatchObject({ code: 0, stderr: '' });
    expect(good.stdout).toMatch(/^1 detections, \d+ cases, 0 failed\n$/);
    writeFileSync(
      join(folder, pair[1] ?? ''),
      '- {name: never fires, records: [], fires: [{subject: a, cause: b}]}\n',
    );
    const failing = await run('test', folder);
    expect(failing.code).toBe(1);
    expect(failing.stdout).toContain(
      'legacy-protocol-sign-in.cases.yml:1: never fires\n  it did not fire for a, b',
    );
    writeFileSync(join(folder, 'broken.yml'), 'title: x\nid: not-a-uuid\n');
    const broken = await run('test', folder, '--json');
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain('broken.yml:2:');
    expect(JSON.parse(broken.stdout)).toMatchObject({ line: 1, problems: ['it did not fire for a, b'] });
  });

  it('test says when a path does not exist', async () => {
    expect(await run('test', 'nowhere')).toMatchObject({ code: 2 });
  });
});
