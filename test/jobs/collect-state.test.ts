import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StateCollector, StatePart } from '../../src/collectors/index.ts';
import { collectState } from '../../src/jobs/collect-state.ts';
import type { CollectContext } from '../../src/jobs/collect.ts';
import { ReadMemory } from '../../src/jobs/read-memory.ts';
import { entitiesOf } from '../../src/store/entities.ts';
import { readStates } from '../../src/store/read-states.ts';
import { testDatabases, type TestDatabase } from '../store/open.ts';
import { germanTenant } from './detect-world.ts';

const T = '11111111-1111-4111-8111-111111111111';
const START = Date.UTC(2026, 10, 17, 9, 42);
const HOUR = 3_600_000;

describe.each(testDatabases())('reading a state on $name', ({ open }) => {
  let opened: TestDatabase;
  let now: number;
  let writes: string[];
  beforeEach(async () => {
    writes = [];
    opened = await open({ observe: (operation) => writes.push(operation) });
    await germanTenant(opened.database, T);
    now = START;
  });
  afterEach(() => opened?.dispose());

  it('compares nothing when a scope holds what it held', async () => {
    const one = process();
    await one([domain('a.example'), domain('b.example')]);
    const first = countOf('store:SelectQueryNode');
    expect(await one([domain('b.example'), domain('a.example')])).toMatchObject({ read: 2, changed: 0 });
    expect(countOf('store:SelectQueryNode')).toBeLessThan(first);
    expect(await held()).toEqual({ 'a.example': true, 'b.example': true });
    expect((await readStates(opened.database.db, T, 'domains')).get('*')).toMatchObject({
      okAt: START + HOUR,
      lastStatus: 'ok',
    });
  });

  it('notices what another process stored in between', async () => {
    const one = process();
    const other = process();
    await one([domain('a.example', true)]);
    await other([domain('a.example', false)]);
    expect(await one([domain('a.example', true)])).toMatchObject({ changed: 1 });
    expect(await held()).toEqual({ 'a.example': true });
  });

  it('tells of what is gone, and of what comes back as it was', async () => {
    const one = process();
    await one([domain('a.example'), domain('b.example')]);
    expect(await one([domain('a.example')])).toMatchObject({ changed: 1 });
    expect(await one([domain('a.example'), domain('b.example')])).toMatchObject({ added: 1 });
  });

  it('sets aside at every read what does not parse, and never takes it for known', async () => {
    const one = process();
    const bad = { ...domain('a.example'), raw: { id: 7 } };
    expect(await one([bad])).toMatchObject({ rejected: 1 });
    expect(await one([bad])).toMatchObject({ rejected: 1 });
  });

  it('takes nothing away on a read with an object that has no id, and takes it away on the next that is whole', async () => {
    const one = process();
    await one([domain('a.example'), domain('b.example')]);
    const blurred = process({}, [{ isVerified: true }]);
    expect(await blurred([domain('a.example')])).toMatchObject({ rejected: 1, changed: 0 });
    expect(Object.keys(await held())).toEqual(['a.example', 'b.example']);
    expect(await blurred([domain('a.example')])).toMatchObject({ rejected: 1, changed: 0 });
    expect(await one([domain('a.example')])).toMatchObject({ changed: 1 });
  });

  it('reads more than it holds in memory, and finds the one that changed', async () => {
    const one = process();
    const many = Array.from({ length: 2500 }, (_, n) => domain(`d${n}.example`));
    expect(await one(many)).toMatchObject({ read: 2500 });
    expect(Object.keys(await held())).toHaveLength(2500);
    many[1700] = domain('d1700.example', false);
    expect(await one(many)).toMatchObject({ read: 2500, changed: 1 });
    const left = await opened.database.db.selectFrom('entity_stage').select('id').execute();
    expect(left).toEqual([]);
  });

  it('leaves all as it was when a read breaks off, and says so', async () => {
    const one = process();
    await one([domain('a.example')]);
    await expect(one([domain('a.example', false)], new Error('cut'))).rejects.toThrow('cut');
    expect(await held()).toEqual({ 'a.example': true });
    const state = (await readStates(opened.database.db, T, 'domains')).get('*');
    expect(state).toMatchObject({
      okAt: START,
      lastAt: START + HOUR,
      lastStatus: 'failed',
      lastReason: 'cut',
    });
    expect(await one([domain('a.example', false)])).toMatchObject({ changed: 1 });
  });

  it('applies a read whose rows tell when they were read even when it is the same', async () => {
    const one = process({ datesItsRows: true });
    await one([domain('a.example')]);
    const before = countOf('store:SelectQueryNode');
    await one([domain('a.example')]);
    expect(countOf('store:SelectQueryNode')).toBe(before);
  });

  /** A process with a memory of its own: each call is one read, an hour after the last of anybody. */
  function process(more: Partial<StateCollector> = {}, unreadable: readonly unknown[] = []) {
    const memory = new ReadMemory();
    return async (objects: readonly ReturnType<typeof domain>[], breaks?: Error) => {
      const counts = { read: 0, added: 0, changed: 0, rejected: 0 };
      const at = now;
      now += HOUR;
      writes.length = 0;
      const context = {
        database: opened.database,
        tenant: { id: T },
        clock: { now: () => at },
        signal: new AbortController().signal,
        memory,
      } as unknown as CollectContext;
      await collectState(context, collector(objects, breaks, more, unreadable), { hasP1: true }, counts);
      return counts;
    };
  }

  function countOf(operation: string): number {
    return writes.filter((one) => one === operation).length;
  }

  async function held(): Promise<Record<string, unknown>> {
    const all = await entitiesOf(opened.database.db, T, 'domain');
    return Object.fromEntries([...all].map(([id, json]) => [id, json['verified']]));
  }
});

function domain(id: string, isVerified = true) {
  return { kind: 'domain', id, removed: false, raw: { id, isVerified } as Record<string, unknown> };
}

function collector(
  objects: readonly ReturnType<typeof domain>[],
  breaks: Error | undefined,
  more: Partial<StateCollector>,
  unreadable: readonly unknown[],
): StateCollector {
  return {
    kind: 'state',
    source: 'domains',
    needs: { permission: 'Domain.Read.All', licence: null },
    intervalMs: HOUR,
    kinds: ['domain'],
    ...more,
    async *read(): AsyncGenerator<StatePart> {
      for (let at = 0; at < objects.length; at += 999)
        yield { type: 'page', scope: '*', objects: objects.slice(at, at + 999), unreadable: [] };
      if (unreadable.length > 0) yield { type: 'page', scope: '*', objects: [], unreadable };
      await Promise.resolve();
      if (breaks) throw breaks;
      yield { type: 'done', scope: '*', completeFor: ['domain'] };
    },
  };
}
