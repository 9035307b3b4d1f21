import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { DEFAULTS, PARTS, runPart } from '../bench/bench.ts';
import { isMet, toLine } from '../bench/report.ts';

const TINY = { records: 20, rounds: 1, rules: null, ruleCount: 30, groups: [4, 8] } as const;

/** Lines with a goal that each part must have. */
const GOALS = { pipeline: 1, pack: 4, rules: 6, correlation: 6 };

describe('npm run bench', () => {
  it.each(PARTS)(
    'measures %s, each figure with its goal',
    async (part) => {
      const figures = await runPart(part, TINY);
      expect(figures.filter(({ goal }) => goal !== null).length).toBe(GOALS[part]);
      for (const figure of figures) {
        expect(Number.isFinite(figure.value), figure.name).toBe(true);
        if (figure.goal !== null)
          expect(toLine(figure)).toMatch(/ goal: at (most|least) [\d.]+, (met|missed by [\d.]+ x)$/);
      }
    },
    60_000,
  );

  it('measures the rules of a folder', async () => {
    const rules = fileURLToPath(new URL('../../detections/sign-ins/', import.meta.url));
    const [load] = await runPart('rules', { ...TINY, rules });
    expect(load?.name).toMatch(/^load \d+ rule files: /);
  });

  it('runs with the sizes that the goals are about', () => {
    expect(DEFAULTS).toMatchObject({ ruleCount: 3000, groups: [1000, 100_000] });
  });

  it.each([
    [{ value: 0.5, goal: { atMost: 0.5 } }, true, 'goal: at most 0.5, met'],
    [{ value: 1, goal: { atMost: 0.5 } }, false, 'goal: at most 0.5, missed by 2.00 x'],
    [{ value: 120, goal: { atLeast: 100 } }, true, 'goal: at least 100, met'],
    [{ value: 50, goal: { atLeast: 100 } }, false, 'goal: at least 100, missed by 2.00 x'],
    [{ value: 0.012, goal: null }, true, '0.012 x'],
  ])('tells %j as met or missed', (given, met, end) => {
    const figure = { name: 'a figure', unit: 'x', ...given };
    expect(isMet(figure)).toBe(met);
    expect(toLine(figure).endsWith(end)).toBe(true);
  });

  it.each([
    [['--only', 'nothing'], /--only nothing is not one of pipeline, pack, rules, correlation/],
    [['--records', '0'], /--records 0 is no whole number above 0/],
  ])('refuses %j', (options, reason) => {
    const script = fileURLToPath(new URL('../bench/run.ts', import.meta.url));
    const { status, stderr } = spawnSync(process.execPath, [script, ...options], { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(reason);
  });
});
