import { describe, expect, it } from 'vitest';
import { Plan } from '../../src/detection/plan.ts';
import { FILES, load, MAIN, tryToLoad } from '../jobs/correlation-world.ts';

const says = async (text: string) =>
  (await tryToLoad(text)).problems.map((one) => `${one.file}:${one.line}:${one.column}: ${one.message}`);

describe('a file with a correlation', () => {
  it('makes one detection whose rules are quiet, with the timespan as rearm', async () => {
    const { detections } = await load(FILES.spray);
    expect(detections).toMatchObject([
      {
        id: MAIN,
        rearmMs: 20 * 60_000,
        sources: ['sign-ins'],
        parts: [
          { quiet: false, correlation: { key: MAIN } },
          { quiet: true, correlation: null },
        ],
      },
    ]);
  });

  it('keeps its rules loud where the correlation says generate', async () => {
    const { detections } = await load(FILES.spray.replace('timespan: 20m', 'timespan: 20m, generate: true'));
    expect(detections[0]?.parts.map((part) => part.quiet)).toEqual([false, false]);
    expect(detections[0]?.rearmMs).toBe(24 * 3_600_000);
  });

  it('has a match hash of the correlation, its rules, and their texts not', async () => {
    const hash = async (text: string) => (await load(text)).detections[0]?.matchHash;
    const before = await hash(FILES.spray);
    expect(await hash(FILES.spray.replace('title: Correlated', 'title: Other'))).toBe(before);
    for (const [old, other] of [
      ['gte: 3', 'gte: 4'],
      ['timespan: 20m', 'timespan: 21m'],
      ['50126', '50053'],
      ["subject: 'ip:", "subject: 'address:"],
    ] as const)
      expect(await hash(FILES.spray.replace(old, other))).not.toBe(before);
  });

  it.each([
    ['an unknown rule', ['rules: [failed]', 'rules: [absent]'], "'absent' is neither the id nor the name"],
    ['no keys', [", subject: 'ip:{ipAddress}', cause: spray", ', act: sign_in'], 'names subject and cause'],
    ['a rearm below the timespan', ['cause: spray', 'cause: spray, rearm: 1h'], null],
    ['a state', ['life: event', 'life: state'], 'a correlation is about events'],
  ] as const)('is refused for %s, with its place', async (_, [old, other], message) => {
    const problems = await says(FILES.spray.replace(old, other));
    if (message === null) expect(problems).toEqual([]);
    else expect(problems.join('\n')).toMatch(new RegExp(`^one\\.yml:\\d+:\\d+: .*${message}`, 'm'));
  });

  it('is refused for a rearm that is shorter than its timespan', async () => {
    const text = FILES.sprayThenSuccess.replace('cause: spray }', 'cause: spray, rearm: 1h }');
    expect((await says(text)).join()).toContain('rearm is shorter than the timespan');
  });

  it('is not evaluated on records that lack what it counts: absent is not zero', async () => {
    const catalogue = await load(FILES.spray.replace('field: userId', 'field: sessionId'));
    const plan = new Plan(catalogue, () => null);
    expect(plan.of('sign-ins/v1.0')).toMatchObject({
      rules: [],
      skipped: [{ part: { id: MAIN }, without: [{ field: 'sessionId', why: 'not_carried' }] }],
    });
    expect(plan.of('sign-ins/beta').rules).toHaveLength(1);
  });
});
