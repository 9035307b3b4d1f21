import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalogue } from '../../src/detection/catalogue.ts';
import { detect } from '../../src/jobs/detect.ts';
import { listAlerts } from '../../src/store/alerts.ts';
import type { Database } from '../../src/store/database.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { cover, failure, FILES, load, MINUTE, person } from './correlation-world.ts';
import { DAY, germanTenant, HOUR, NOW, signIn, store } from './detect-world.ts';

const T = 'tenant-1';
const spray = await load(FILES.spray);
const chained = await load(FILES.sprayThenSuccess);
const unresolved = await load(FILES.unresolved);
const newCountry = await load(FILES.newCountry);
const travel = await load(FILES.travel);
const AT = NOW - 5 * HOUR;

describe.each(testDatabases())('correlations on $name', ({ open }) => {
  let opened: TestDatabase;
  let database: Database;
  beforeEach(async () => {
    opened = await open();
    database = opened.database;
    await germanTenant(database, T);
  });
  afterEach(async () => {
    await opened.dispose();
  });
  const run = (catalogue: Catalogue, tenantId = T, batch = 1000) =>
    detect({ database, catalogue, tenantId, now: NOW, batch });
  const alerts = async (tenantId = T) =>
    (await listAlerts(database.db, { tenantId })).filter((one) => !one.withdrawn && one.mergedInto === null);
  const put = (raw: Record<string, unknown>[], tenantId = T, readAt = NOW) =>
    store(database, tenantId, 'sign-ins', raw, { readAt });
  const assessment = async (catalogue: Catalogue) =>
    (await run(catalogue)).assessments.map((one) => [one.state, one.reason]);
  const waits = () => database.db.selectFrom('correlation_wait').selectAll().execute();

  it('a late record completes a timespan that is long over', async () => {
    await put([failure('f1', AT, 1), failure('f3', AT + 10 * MINUTE, 3)]);
    await run(spray);
    expect(await alerts()).toEqual([]);
    await put([failure('f2', AT + 5 * MINUTE, 2)]);
    await run(spray);
    expect(await alerts()).toMatchObject([
      {
        subject: 'ip:198.51.100.7',
        cause: 'spray',
        occurrenceStart: AT,
        lastEventAt: AT + 10 * MINUTE,
        words: { count: '3', distinct: '3', subject: 'p3@muster.example', ipAddress: '198.51.100.7' },
      },
    ]);
    expect((await alerts())[0]?.evidence.map((one) => one.nativeId)).toEqual(['f1', 'f2', 'f3']);
    expect(await waits()).toEqual([]);
  });

  it('rules that only feed a correlation make no hits', async () => {
    await put([failure('f1', AT, 1), failure('f2', AT, 2)]);
    await run(spray);
    expect(await database.db.selectFrom('hit').selectAll().execute()).toEqual([]);
    expect(await database.db.selectFrom('correlation_hit').select('canonical_id').execute()).toHaveLength(2);
  });

  it('what Microsoft takes back is withdrawn, and comes back with it', async () => {
    const records = [1, 2, 3].map((index) => failure(`f${index}`, AT + index * MINUTE, index));
    await put(records);
    await run(spray);
    expect(await alerts()).toHaveLength(1);
    await put([failure('f2', AT + 2 * MINUTE, 2, { status: { errorCode: 0 } })], T, NOW + 1);
    await run(spray);
    expect(await alerts()).toEqual([]);
    expect((await listAlerts(database.db, { tenantId: T }))[0]).toMatchObject({
      withdrawn: true,
      state: 'open',
    });
    await put([failure('f2', AT + 2 * MINUTE, 2)], T, NOW + 2);
    await run(spray);
    expect(await alerts()).toMatchObject([{ occurrenceStart: AT + MINUTE }]);
  });

  it('a late bridge merges two alerts into the older', async () => {
    const burst = (name: string, at: number) =>
      [1, 2, 3].map((index) => failure(`${name}${index}`, at + index * MINUTE, index));
    await put([...burst('a', AT), ...burst('b', AT + 40 * MINUTE)]);
    await run(spray);
    expect((await alerts()).map((one) => one.occurrenceStart)).toEqual([AT + MINUTE, AT + 41 * MINUTE]);
    await put([failure('c', AT + 22 * MINUTE, 1)]);
    await run(spray);
    expect((await alerts()).map((one) => one.occurrenceStart)).toEqual([AT + MINUTE]);
  });

  it('the same record in other batches, and by another API, counts once', async () => {
    const records = [1, 2, 3].map((index) => failure(`f${index}`, AT + index * MINUTE, index));
    await put([...records, ...records]);
    await store(database, T, 'sign-ins', records, { api: 'beta', readAt: NOW + 1 });
    await run(spray, T, 1);
    expect(await alerts()).toMatchObject([{ words: { count: '3' } }]);
  });

  it('two tenants know nothing of each other', async () => {
    await germanTenant(database, 'tenant-2');
    await put([failure('f1', AT, 1), failure('f2', AT, 2)]);
    await put([failure('f1', AT, 1), failure('f3', AT, 3)], 'tenant-2');
    await run(spray);
    await run(spray, 'tenant-2');
    expect([...(await alerts()), ...(await alerts('tenant-2'))]).toEqual([]);
    await put([failure('f4', AT, 4)], 'tenant-2');
    await run(spray, 'tenant-2');
    await run(spray);
    expect([(await alerts()).length, (await alerts('tenant-2')).length]).toEqual([0, 1]);
  });

  it('a correlation above another one fires for the order demanded, and shows what lies below', async () => {
    const records = [1, 2, 3].map((index) => failure(`f${index}`, AT + index * MINUTE, index));
    await put([signIn('before', AT - HOUR), ...records]);
    await run(chained);
    expect(await alerts()).toEqual([]);
    await put([signIn('after', AT + HOUR)]);
    await run(chained);
    expect(await alerts()).toMatchObject([{ words: { subject: 'anna@muster.example' } }]);
    expect((await alerts())[0]?.evidence.map((one) => one.nativeId)).toEqual(['f1', 'f2', 'f3', 'after']);
    // Without one of the failures there was no spray, so that the success means nothing.
    await put([failure('f2', AT + 2 * MINUTE, 2, { status: { errorCode: 50058 } })], T, NOW + 1);
    await run(chained);
    expect(await alerts()).toEqual([]);
  });

  it('what more records can make false waits until the timespan was read', async () => {
    await put([failure('f1', AT, 1)]);
    await cover(database, T, [[NOW - 90 * DAY, AT + 30 * MINUTE]]);
    await run(unresolved);
    expect(await alerts()).toEqual([]);
    expect(await waits()).toMatchObject([{ state: 'waiting', touched: 0 }]);
    await cover(database, T);
    await run(unresolved);
    expect(await alerts()).toMatchObject([{ subject: `user:${person(1)}`, cause: 'unresolved' }]);
    await put([signIn('late', AT + 40 * MINUTE, { userId: person(1) })]);
    await run(unresolved);
    expect(await alerts()).toEqual([]);
  });

  it('a timespan with a hole is not assessed, and says so until it was read', async () => {
    await put([failure('f1', AT, 1)]);
    await cover(database, T, [
      [NOW - 90 * DAY, AT + 20 * MINUTE],
      [AT + 40 * MINUTE, NOW],
    ]);
    const [found] = await assessment(unresolved);
    expect(found?.[0]).toBe('reduced');
    expect(JSON.parse(found?.[1] ?? '[]')).toMatchObject([
      { without: 'sign-ins', why: 'gap', text: expect.stringContaining('not everything was read') as string },
    ]);
    expect(await alerts()).toEqual([]);
    await cover(database, T);
    expect(await assessment(unresolved)).toEqual([['full', null]]);
    expect(await alerts()).toHaveLength(1);
  });

  it('a new country is news once enough of the time before was read', async () => {
    const home = [20, 15, 10, 5, 1].map((days) =>
      signIn(`h${days}`, NOW - days * DAY, { location: { countryOrRegion: 'DE' } }),
    );
    await put([...home, signIn('abroad', AT), signIn('again', AT + 2 * HOUR)]);
    await cover(database, T, [[NOW - 10 * DAY, NOW]]);
    expect((await assessment(newCountry))[0]).toEqual([
      'reduced',
      JSON.stringify([{ without: 'sign-ins', why: 'baseline', text: null }]),
    ]);
    expect(await alerts()).toEqual([]);
    await cover(database, T, [
      [NOW - 90 * DAY, NOW - 3 * DAY],
      [NOW - 3 * DAY + 6 * HOUR, NOW],
    ]);
    expect(await assessment(newCountry)).toEqual([['full', null]]);
    const [alert] = await alerts();
    expect(alert).toMatchObject({
      cause: 'NG',
      occurrenceStart: AT,
      words: { 'location.countryOrRegion': 'NG' },
    });
    expect(alert?.words['gaps']).toContain('2026-11-14');
    // Using it further is no news; each sighting only lengthens the span.
    await put([signIn('later', AT + 4 * HOUR)]);
    await run(newCountry);
    expect((await alerts())[0]?.evidence).toHaveLength(1);
    const terms = await database.db
      .selectFrom('term')
      .select(['from_at', 'to_at'])
      .orderBy('from_at')
      .execute();
    expect(terms).toEqual([
      { from_at: NOW - 20 * DAY, to_at: NOW - DAY },
      { from_at: AT, to_at: AT + 4 * HOUR },
    ]);
  });

  it('an earlier sighting that comes late moves the beginning', async () => {
    await put([signIn('h', NOW - 20 * DAY, { location: { countryOrRegion: 'DE' } }), signIn('a', AT)]);
    await cover(database, T);
    await run(newCountry);
    await put([signIn('b', AT - 30 * MINUTE)]);
    await run(newCountry);
    expect(await alerts()).toMatchObject([{ cause: 'NG', occurrenceStart: AT - 30 * MINUTE }]);
  });

  it('an impossible journey waits for the time before it', async () => {
    const at = (latitude: number, longitude: number) => ({
      location: { geoCoordinates: { latitude, longitude } },
    });
    await put([signIn('s1', AT, at(52.5, 13.4)), signIn('s2', AT + HOUR, at(6.5, 3.4))]);
    await cover(database, T, [[AT - 2 * HOUR, NOW]]);
    await run(travel);
    expect(await alerts()).toEqual([]);
    expect(await waits()).toMatchObject([{ state: 'pending' }]);
    await cover(database, T);
    await run(travel);
    expect(await alerts()).toMatchObject([{ occurrenceStart: AT, words: { km: '5196' } }]);
    expect(await waits()).toEqual([]);
  });

  it('a long flood shows its first hundred records, and then enough that nothing tears', async () => {
    const flood = Array.from({ length: 300 }, (_, index) =>
      failure(`f${index}`, AT + index * 20_000, index % 9),
    );
    await put(flood);
    await run(spray, T, 100);
    const [alert, ...others] = await alerts();
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      occurrenceStart: AT,
      lastEventAt: AT + 299 * 20_000,
      words: { count: '300' },
    });
    // 6,000 s are 20 quarters of a timespan; each has a first and a last one.
    expect(alert?.evidence.length).toBeGreaterThan(100);
    expect(alert?.evidence.length).toBeLessThan(150);
  });
});
