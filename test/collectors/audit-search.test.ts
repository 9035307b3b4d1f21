import { describe, expect, it } from 'vitest';
import { plainRecord, sourceOfRecord } from '../../src/collectors/index.ts';
import { spansOf } from '../../src/jobs/plan-backlog.ts';

const DAY = 86_400_000;

describe('a record of a search', () => {
  it('is the record of the Management API once the annotations are off, at every depth', () => {
    const raw = {
      '@odata.type': '#microsoft.graph.security.defaultAuditData',
      Id: 'x',
      'Actor@odata.type': '#Collection(microsoft.graph.Json)',
      Actor: [{ '@odata.type': '#microsoft.graph.Json', ID: 'a', Inner: { 'B@odata.type': 'c', B: [] } }],
      ResultStatus: null,
    };
    expect(plainRecord(raw)).toEqual({
      Id: 'x',
      Actor: [{ ID: 'a', Inner: { B: [] } }],
      ResultStatus: null,
    });
  });

  it('of a hostile depth is left as it is', () => {
    let deep: unknown = [];
    for (let n = 0; n < 100_000; n += 1) deep = [deep];
    expect(() => plainRecord(deep)).not.toThrow();
  });

  it.each([
    [{ auditData: { Workload: 'AzureActiveDirectory' } }, 'audit-azure-ad'],
    [{ auditData: { Workload: 'OneDrive' } }, 'audit-sharepoint'],
    [{ service: 'Exchange', auditData: {} }, 'audit-exchange'],
    [{ service: 'MicrosoftTeams' }, 'audit-general'],
    ['no record', 'audit-general'],
  ])('%j belongs to %s', (raw, source) => {
    expect(sourceOfRecord(raw)).toBe(source);
  });
});

describe('spans of a backlog', () => {
  it('are a week long at most, the newest first, and leave nothing out', () => {
    const holes = [
      { from: 0, to: DAY },
      { from: 10 * DAY, to: 26 * DAY },
    ];
    expect(spansOf(holes).map(({ fromAt, toAt }) => [fromAt / DAY, toAt / DAY])).toEqual([
      [19, 26],
      [12, 19],
      [10, 12],
      [0, 1],
    ]);
  });
});
