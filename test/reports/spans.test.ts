import { describe, expect, it } from 'vitest';
import { coveredHours, holes, intersect, unite } from '../../src/reports/spans.ts';

const HOUR = 3_600_000;
const span = (from: number, to: number) => ({ from: from * HOUR, to: to * HOUR });

describe('spans', () => {
  it('that touch or overlap become one', () => {
    expect(unite([span(4, 6), span(0, 2), span(2, 3), span(5, 5.5)])).toEqual([span(0, 3), span(4, 6)]);
  });

  it('share what both cover', () => {
    expect(intersect([span(0, 5), span(6, 9)], [span(4, 7)])).toEqual([span(4, 5), span(6, 7)]);
    expect(intersect([span(0, 1)], [span(1, 2)])).toEqual([]);
  });

  it('leave holes', () => {
    expect(holes(span(0, 10), [span(-5, 1), span(2, 3)])).toEqual([span(1, 2), span(3, 10)]);
    expect(holes(span(0, 10), [span(0, 10)])).toEqual([]);
    expect(holes(span(0, 10), [])).toEqual([span(0, 10)]);
  });
});

describe('hours', () => {
  it.each([
    ['all of a week', [span(-1, 200)], 168],
    ['none of it', [], 0],
    ['an hour counts only when it is covered to its end', [span(0, 1.9), span(2.1, 4)], 2],
    ['hours that two spans cover together', [span(0, 1.5), span(1.5, 3)], 3],
  ])('%s', (_, spans, covered) => {
    expect(coveredHours(span(0, 168), unite(spans))).toEqual({ covered, of: 168 });
  });
});
