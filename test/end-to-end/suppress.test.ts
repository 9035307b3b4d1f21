import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../commands/command-run.ts';
import { startSimulated, type Simulated } from './simulated.ts';

interface AlertLine {
  readonly id: string;
  readonly detection_id: string;
  readonly subject: string;
  readonly expected_by: string | null;
}

describe('suppression from the command line', () => {
  let simulated: Simulated;
  let context: { env: Record<string, string>; cwd: string };
  beforeAll(async () => {
    simulated = await startSimulated(0);
    const folder = simulated.folder();
    context = { env: simulated.environment(simulated.licensed, folder), cwd: folder };
    await runCommand(['collect'], context);
    await runCommand(['detect'], context);
  });
  afterAll(() => simulated.stop());

  async function alerts(): Promise<AlertLine[]> {
    const run = await runCommand(['alerts', 'list', '--json'], context);
    return run.stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as AlertLine]));
  }

  it('marks what it covers, keeps it on record, and gives it back when it is removed', async () => {
    const [first] = await alerts();
    const added = await runCommand(
      ['suppress', 'add', '--alert', first?.id ?? '', '--reason', 'planned'],
      context,
    );
    expect(added.stderr).toBe('');
    const id = /^(s_\w+) until .*, covers 1 alert now$/m.exec(added.stdout)?.[1] ?? '';
    expect((await alerts()).find((one) => one.id === first?.id)?.expected_by).toBe(id);
    await runCommand(['detect'], context);
    expect((await alerts()).filter((one) => one.expected_by !== null)).toHaveLength(1);
    const listed = await runCommand(['suppress', 'list', '--json'], context);
    expect(JSON.parse(listed.stdout)).toMatchObject({ id, reason: 'planned', covered: 1, removed_at: null });
    expect((await runCommand(['suppress', 'remove', id], context)).stdout).toBe(`ended ${id}\n`);
  });

  it('accepts what was there at the start, one suppression for each thing, and only once', async () => {
    const open = (await alerts()).filter((one) => one.expected_by === null);
    expect(open.length).toBeGreaterThan(5);
    const first = await runCommand(['suppress', 'accept', '--reason', 'known'], context);
    expect(first.stderr).toBe('');
    expect(first).toMatchObject({ code: 0, stdout: `accepted ${open.length} things\n`, stderr: '' });
    const after = await alerts();
    expect(new Set(after.map((one) => one.expected_by)).size).toBe(after.length);
    expect(after.every((one) => one.expected_by !== null)).toBe(true);
    const again = await runCommand(['suppress', 'accept', '--reason', 'known'], context);
    expect(again.stdout).toBe('accepted 0 things\n');
  });

  it.each([
    [['--reason', 'x'], 'name a detection or a subject; nothing can quiet a whole tenant'],
    [['--detection', 'RL-01', '--reason', ' '], 'a reason is needed; say why this is expected'],
    [
      ['--detection', 'RL-01', '--reason', 'x', '--for', '366d'],
      'it may last 365 days at most; say it again next year',
    ],
    [
      ['--detection', 'XX-99', '--reason', 'x'],
      "there is no detection XX-99; 'tenantwatch detections list' shows them",
    ],
    [
      ['--detection', 'RL-01', '--reason', 'x', '--for', 'ever'],
      '--for ever is no length of time; write for example 8h or 30d',
    ],
  ])('refuses %j with a sentence', async (args, sentence) => {
    const run = await runCommand(['suppress', 'add', ...args], context);
    expect(run).toMatchObject({ code: 2, stderr: `tenantwatch: suppress: ${sentence}\n` });
  });
});
