import { describe, expect, it } from 'vitest';
import { extractHits, MAX_GROUPS_PER_EVENT } from '../../../src/sigma/correlation/extract.ts';
import { linkOne } from './fixtures.ts';

const identity = { tenant: 'T1', event: 'e', at: 0, source: 'test' };
const count = linkOne(
  '{type: event_count, rules: [x], group-by: [user.name, ip], timespan: 1m, condition: {gte: 2}}',
);

describe('extracting hits', () => {
  it('folds group values and takes numbers and booleans as their text', () => {
    const { hits } = extractHits(count, 'x', { user: { name: 'BOB' }, ip: 1 }, identity);
    expect(hits.map(({ group, act }) => [group, act])).toEqual([[['bob', '1'], 'e']]);
  });

  it('gives one hit for each member of an array, and each combination', () => {
    const { hits } = extractHits(
      count,
      'x',
      { user: [{ name: 'a' }, { name: 'A' }, { name: 'b' }], ip: ['1', true] },
      identity,
    );
    expect(hits.map(({ group }) => group.join())).toEqual(['a,1', 'a,true', 'b,1', 'b,true']);
  });

  it.each([
    [{ ip: '1' }],
    [{ user: { name: null }, ip: '1' }],
    [{ user: { name: [] }, ip: '1' }],
    [{ user: { name: {} }, ip: '1' }],
  ])('leaves out an event without a group value: %j', (event) => {
    expect(extractHits(count, 'x', event, identity)).toMatchObject({ hits: [], missingGroup: 'user.name' });
  });

  it('does not read what every object inherits', () => {
    const linked = linkOne(
      '{type: event_count, rules: [x], group-by: [constructor, __proto__], timespan: 1m, condition: {gte: 2}}',
    );
    expect(extractHits(linked, 'x', {}, identity).hits).toEqual([]);
    const own = JSON.parse('{"constructor": "a", "__proto__": "b"}') as object;
    expect(extractHits(linked, 'x', own, identity).hits.map(({ group }) => group)).toEqual([['a', 'b']]);
  });

  it('bounds the groups of one event and says so', () => {
    const ips = Array.from({ length: 1000 }, (_, index) => String(index));
    const { hits, truncated } = extractHits(count, 'x', { user: { name: 'a' }, ip: ips }, identity);
    expect([hits.length, truncated]).toEqual([MAX_GROUPS_PER_EVENT, true]);
  });

  it('counts tuples of several fields, and ignores an event that lacks one', () => {
    const linked = linkOne(
      '{type: value_count, rules: [x], timespan: 1m, condition: {field: [ip, app], gte: 3}}',
    );
    expect(extractHits(linked, 'x', { ip: ['1', '2'], app: 'P' }, identity).hits[0]?.values).toEqual([
      '["1","p"]',
      '["2","p"]',
    ]);
    expect(extractHits(linked, 'x', { ip: '1' }, identity)).toMatchObject({ hits: [], missingValue: true });
  });

  it('takes numbers and their texts, and nothing else for a number', () => {
    const linked = linkOne('{type: value_sum, rules: [x], timespan: 1m, condition: {field: n, gt: 3}}');
    const n = [1, '2.5', ' 3e2 ', 'abc', '', true, null, '0x10', 'Infinity', 1e300];
    expect(extractHits(linked, 'x', { n }, identity).hits[0]?.numbers).toEqual([1, 2.5, 300]);
  });

  it('takes no place from a failed lookup or from degrees that are none', () => {
    const linked = linkOne(
      '{type: impossible_travel, rules: [x], timespan: 1d, condition: {latitude: p.lat, longitude: p.lon, same: [asn]}}',
    );
    const place = (lat: unknown, lon: unknown): unknown =>
      extractHits(linked, 'x', { p: { lat, lon }, asn: 'AS1' }, identity).hits[0]?.place ?? null;
    expect(place('48.1', 11)).toEqual({ latitude: 48.1, longitude: 11, same: ['as1'] });
    for (const [lat, lon] of [
      [0, 0],
      [91, 0],
      [1, 181],
      [null, 1],
      ['x', 1],
    ])
      expect(place(lat, lon)).toBe(null);
  });
});
