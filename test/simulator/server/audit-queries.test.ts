import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startFixture, valueOf } from './client.ts';
import type { Fixture, Reply } from './client.ts';
import { DAY, MINUTE, NOW, PREMIUM } from './world.ts';

let fixture: Fixture;

beforeEach(async () => {
  fixture = await startFixture();
  await change({ add_roles: ['AuditLogsQuery.Read.All'], audit_search: { runs_ms: 3 * MINUTE } });
});
afterEach(() => fixture.close());

const change = (body: object): Promise<Reply> => fixture.control(`tenants/${PREMIUM}`, body);
const QUERIES = '/v1.0/security/auditLog/queries';

async function create(body: object = {}, path = QUERIES): Promise<Reply> {
  const token = await fixture.token(PREMIUM);
  const span = {
    filterStartDateTime: new Date(NOW - DAY).toISOString(),
    filterEndDateTime: new Date(NOW).toISOString(),
  };
  return fixture.ask(`${fixture.ready.graph}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...span, ...body }),
  });
}

describe('a search of the audit log', () => {
  it('runs for a while and then has records whose raw form stands in auditData', async () => {
    const made = await create({ displayName: 'x' });
    expect([made.status, made.body['status'], made.body['displayName']]).toEqual([201, 'notStarted', 'x']);
    const path = `${QUERIES}/${String(made.body['id'])}`;
    const token = await fixture.token(PREMIUM);
    expect((await fixture.get(token, `${path}/records`)).status).toBe(400);
    await fixture.advance(MINUTE);
    expect((await fixture.get(token, path)).body['status']).toBe('running');
    await fixture.advance(2 * MINUTE);
    expect((await fixture.get(token, path)).body).toMatchObject({
      status: 'succeeded',
      isRecordCountLimitExceeded: false,
    });
    const page = await fixture.get(token, `${path}/records?$top=10`);
    expect(valueOf(page)).toHaveLength(10);
    expect(page.body['@odata.nextLink']).toContain(path);
    const [record] = valueOf(page);
    expect(record).toMatchObject({ clientIp: null, administrativeUnits: [''] });
    expect(record?.['auditData']).toMatchObject({
      '@odata.type': '#microsoft.graph.security.defaultAuditData',
      Id: record?.['id'],
    });
  });

  it('is known to the app that made it alone, and to nobody else', async () => {
    const token = await fixture.token(PREMIUM);
    expect((await fixture.get(token, `${QUERIES}/00000000-0000-4000-8000-000000000000`)).status).toBe(404);
  });

  it.each([
    [{ remove_roles: ['AuditLogsQuery.Read.All'] }, 403, 'Authorization_RequestDenied'],
    [{ auditing: 'off' }, 400, 'UnknownError'],
    [{ audit_search: { beta_only: true } }, 400, 'BadRequest'],
  ])('is refused after %j', async (body, status, code) => {
    await change(body);
    expect(await create()).toMatchObject({ status, code });
  });

  it.each([
    [{ filterStartDateTime: 'yesterday' }],
    [{ filterEndDateTime: new Date(0).toISOString() }],
    [{ a: 1 }],
  ])('is refused with %j', async (body) => {
    expect((await create(body)).status).toBe(400);
  });

  it('is one of ten at most', async () => {
    for (let n = 0; n < 10; n += 1) expect((await create()).status).toBe(201);
    expect((await create()).status).toBe(429);
    await fixture.advance(4 * MINUTE);
    expect((await create()).status).toBe(201);
  });

  it('shows with a permission of one workload that workload alone', async () => {
    await change({
      remove_roles: ['AuditLogsQuery.Read.All'],
      add_roles: ['AuditLogsQuery-Exchange.Read.All'],
    });
    const made = await create();
    await fixture.advance(4 * MINUTE);
    const path = `${QUERIES}/${String(made.body['id'])}/records`;
    expect(valueOf(await fixture.get(await fixture.token(PREMIUM), path))).toEqual([]);
  });

  it('cannot be asked for with another method', async () => {
    const token = await fixture.token(PREMIUM);
    expect((await fixture.get(token, QUERIES)).status).toBe(405);
  });
});
