import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { occurrences, type Evidence, type Undo } from '../../src/incidents/occurrences.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function point(at: number, id = `p${at}`): Evidence {
  return { feed: 'directory-audits', nativeId: id, at, certainty: 'point', from: at, to: at };
}
function between(from: number, to: number, id = `b${from}-${to}`): Evidence {
  return { feed: 'changes', nativeId: id, at: to, certainty: 'between', from, to };
}
function lasting(from: number, to: number, id = `l${from}-${to}`): Evidence {
  return { feed: 'checks', nativeId: id, at: from, certainty: 'lasting', from, to };
}
function undo(at: number): Undo {
  return { certainty: 'point', at, from: at, to: at };
}
function undoBetween(from: number, to: number): Undo {
  return { certainty: 'between', at: to, from, to };
}

/** Starts of the occurrences and how many pieces of evidence each has. */
function shape(evidence: Evidence[], undos: Undo[] = [], rearm = DAY): [number, number][] {
  return occurrences(evidence, undos, rearm).map((one) => [one.start, one.evidence.length]);
}

/** A fixed seed: a failure today is a failure tomorrow. */
const RUNS = { seed: 20261117, numRuns: 300 };

describe('occurrences', () => {
  it.each<[name: string, evidence: Evidence[], undos: Undo[], expected: [number, number][]]>([
    ['nothing is no occurrence', [], [], []],
    ['two records of one act are one', [point(0), point(HOUR)], [], [[0, 2]]],
    ['a gap as long as rearm does not part', [point(0), point(DAY)], [], [[0, 2]]],
    [
      'a longer gap parts',
      [point(0), point(DAY + 1)],
      [],
      [
        [0, 1],
        [DAY + 1, 1],
      ],
    ],
    [
      'granted, removed, granted again is two',
      [point(0), point(2 * HOUR)],
      [undo(HOUR)],
      [
        [0, 1],
        [2 * HOUR, 1],
      ],
    ],
    [
      'a removal before or after parts nothing',
      [point(HOUR), point(2 * HOUR)],
      [undo(0), undo(3 * HOUR)],
      [[HOUR, 2]],
    ],
    ['a snapshot joins the grant inside its span', [point(HOUR), between(0, 2 * HOUR)], [], [[HOUR, 2]]],
    ['a snapshot alone starts when it was seen', [between(0, 2 * HOUR)], [], [[2 * HOUR, 1]]],
    ['a snapshot long after the grant still joins it', [point(HOUR), between(0, 3 * DAY)], [], [[HOUR, 2]]],
    [
      'a snapshot joins the latest grant inside its span',
      [point(HOUR), point(3 * HOUR), between(0, 4 * HOUR)],
      [undo(2 * HOUR)],
      [
        [HOUR, 1],
        [3 * HOUR, 2],
      ],
    ],
    [
      'a removal that only a snapshot saw parts what came before it and what it saw as added',
      [point(0), between(HOUR, 2 * HOUR)],
      [undoBetween(HOUR, 2 * HOUR)],
      [
        [0, 1],
        [2 * HOUR, 1],
      ],
    ],
    [
      'a dated removal inside its span speaks for the snapshot',
      [point(HOUR), point(4 * HOUR)],
      [undo(2 * HOUR), undoBetween(0, 5 * HOUR)],
      [
        [HOUR, 1],
        [4 * HOUR, 1],
      ],
    ],
    ['a lasting truth has no gap inside', [lasting(0, 5 * DAY), point(4 * DAY)], [], [[0, 2]]],
    [
      'a lasting truth that ended and began again is two',
      [lasting(0, HOUR), lasting(3 * HOUR, 4 * HOUR)],
      [undo(2 * HOUR)],
      [
        [0, 1],
        [3 * HOUR, 1],
      ],
    ],
  ])('%s', (_name, evidence, undos, expected) => {
    expect(shape(evidence, undos)).toEqual(expected);
  });

  it('depend on neither order nor repetition', () => {
    const time = fc.integer({ min: 0, max: 40 }).map((n) => n * HOUR);
    const span = fc.tuple(time, time).map(([a, b]) => [Math.min(a, b), Math.max(a, b) + 1] as const);
    const evidence = fc.oneof(
      time.map((at) => point(at)),
      span.map(([from, to]) => between(from, to)),
      span.map(([from, to]) => lasting(from, to)),
    );
    const undos = fc.oneof(
      time.map(undo),
      span.map(([from, to]) => undoBetween(from, to)),
    );
    fc.assert(
      fc.property(
        fc.array(evidence, { maxLength: 12 }),
        fc.array(undos, { maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        (all, ends, noise) => {
          const shuffled = [...all, ...all]
            .map((one) => ({ one, rank: noise.next().value as number }))
            .sort((a, b) => a.rank - b.rank)
            .map(({ one }) => one);
          expect(occurrences(shuffled, [...ends, ...ends].reverse(), 5 * HOUR)).toEqual(
            occurrences(all, ends, 5 * HOUR),
          );
        },
      ),
      RUNS,
    );
  });

  it('keep every piece of evidence exactly once', () => {
    const any = fc.array(fc.tuple(fc.nat(200), fc.nat(50)), { maxLength: 15 });
    fc.assert(
      fc.property(any, fc.array(fc.nat(250), { maxLength: 5 }), (spans, ends) => {
        const all = spans.map(([from, length], index) =>
          length < 25 ? point(from, `e${index}`) : between(from, from + length, `e${index}`),
        );
        const found = occurrences(all, ends.map(undo), 30).flatMap((one) =>
          one.evidence.map((e) => e.nativeId),
        );
        expect(found.sort()).toEqual(all.map((e) => e.nativeId).sort());
      }),
      RUNS,
    );
  });
});
