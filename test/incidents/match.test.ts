import { describe, expect, it } from 'vitest';
import { matchAlerts, type KnownAlert } from '../../src/incidents/match.ts';
import { evidenceKey, type Occurrence } from '../../src/incidents/occurrences.ts';

function occurrence(...ids: string[]): Occurrence {
  const evidence = ids.map((nativeId, at) => ({
    feed: 'f',
    nativeId,
    at,
    certainty: 'point' as const,
    from: at,
    to: at,
  }));
  return { start: 0, end: ids.length, evidence };
}
function alert(id: string, createdAt: number, ids: string[], changes: Partial<KnownAlert> = {}): KnownAlert {
  const evidence = new Set(ids.map((nativeId) => evidenceKey({ feed: 'f', nativeId })));
  const span = { firstEventAt: createdAt, lastEventAt: createdAt };
  return { id, open: true, merged: false, createdAt, ...span, evidence, ...changes };
}

describe('matching occurrences to stored alerts', () => {
  it('continues the alert that shares evidence', () => {
    const matching = matchAlerts([occurrence('a', 'b'), occurrence('c')], [alert('x', 1, ['b'])]);
    expect(matching.alertOf).toEqual(['x', null]);
  });

  it('lets the oldest survive when a late record bridges two', () => {
    const matching = matchAlerts(
      [occurrence('a', 'b', 'c')],
      [alert('young', 2, ['c']), alert('old', 1, ['a'])],
    );
    expect(matching.alertOf).toEqual(['old']);
    expect([...matching.mergedInto]).toEqual([['young', 0]]);
  });

  it('gives the alert its first half when a late removal splits it', () => {
    const matching = matchAlerts([occurrence('a'), occurrence('b')], [alert('x', 1, ['a', 'b'])]);
    expect(matching.alertOf).toEqual(['x', null]);
  });

  it('gives a merged alert its half back when a late removal splits them again', () => {
    const known = [alert('old', 1, ['a', 'b']), alert('young', 2, ['b'], { merged: true })];
    expect(matchAlerts([occurrence('a'), occurrence('b')], known).alertOf).toEqual(['old', 'young']);
  });

  it('never hides an open alert inside a closed one', () => {
    const known = [alert('closed', 1, ['a'], { open: false }), alert('open', 2, ['b'])];
    const matching = matchAlerts([occurrence('a', 'b')], known);
    expect(matching.alertOf).toEqual(['open']);
    expect([...matching.mergedInto.keys()]).toEqual(['closed']);
  });

  it('names alerts whose evidence is all gone', () => {
    expect(matchAlerts([occurrence('a')], [alert('x', 1, ['gone'])]).orphans).toEqual(['x']);
  });

  it.each([
    ['open, of the same time', {}, 'x'],
    ['open, of before', { firstEventAt: -9, lastEventAt: -1 }, null],
    ['closed', { open: false }, null],
    ['merged into another', { merged: true }, null],
  ] as const)('an alert whose records others replace carries on with those: %s', (_, changes, continued) => {
    const matching = matchAlerts([occurrence('a', 'b')], [alert('x', 1, ['gone'], changes)]);
    expect(matching.alertOf).toEqual([continued]);
    expect(matching.orphans).toEqual(continued === null ? ['x'] : []);
  });

  it('prefers shared evidence to the same time', () => {
    const known = [alert('older', 0, ['gone']), alert('shares', 1, ['b'])];
    expect(matchAlerts([occurrence('a', 'b')], known).alertOf).toEqual(['shares']);
  });
});
