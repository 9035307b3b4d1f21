import { z } from 'zod';
import { faultRule } from './faults.ts';
import { createApp } from './http.ts';
import type { App } from './http.ts';
import { countRecords } from './record-counts.ts';
import type { Simulation } from './simulation.ts';
import { smtpOrder } from './smtp.ts';
import type { MailServer } from './smtp.ts';
import { changeTenant, tenantChange } from './tenant-changes.ts';

const advance = z.strictObject({ to_ms: z.number().int().nonnegative() });

/**
 * What tests and the demo tell the simulator, outside of anything Microsoft has: `/clock`, `/control/restart`,
 * `/control/faults`, `/control/tenants/{id}`, `/control/tenants/{id}/records`, `/control/report`, `/control/smtp`,
 * `/control/mails`. No authentication: loopback only.
 */
export function controlApp(simulation: Simulation, mail: MailServer): App {
  const app = createApp();
  app.onError((error, c) => {
    const known = error instanceof z.ZodError || error instanceof SyntaxError;
    return c.json(
      { error: known ? `control request not understood: ${error.message}` : error.message },
      known ? 400 : 500,
    );
  });
  const time = (): { now: string; now_ms: number } => {
    const now = simulation.clock.now();
    return { now: new Date(now).toISOString(), now_ms: now };
  };
  app.get('/clock', (c) => c.json(time()));
  app.post('/clock/advance-to', async (c) => {
    simulation.clock.advanceTo(advance.parse(await c.req.json()).to_ms);
    return c.json(time());
  });
  app.post('/control/restart', async (c) => {
    simulation.restart(advance.parse(await c.req.json()).to_ms);
    return c.json(time());
  });
  app.post('/control/faults', async (c) => {
    simulation.faults.add(z.array(faultRule).parse(await c.req.json()));
    return c.json({ ok: true });
  });
  app.get('/control/faults', (c) => c.json(simulation.faults.hits));
  app.delete('/control/faults', (c) => {
    simulation.faults.clear();
    return c.json({ ok: true });
  });
  app.post('/control/tenants/:id', async (c) => {
    const tenant = simulation.tenants.get(c.req.param('id'));
    if (!tenant) return c.json({ error: `change tenant ${c.req.param('id')}: the simulator has none` }, 404);
    return c.json(changeTenant(simulation, tenant, tenantChange.parse(await c.req.json())));
  });
  app.get('/control/tenants/:id/records', (c) => {
    const tenant = simulation.tenants.get(c.req.param('id'));
    if (!tenant)
      return c.json({ error: `count records of ${c.req.param('id')}: the simulator has none` }, 404);
    const since = z.coerce
      .number()
      .int()
      .parse(c.req.query('since') ?? 0);
    return c.json(countRecords(tenant, since, simulation.clock.now()));
  });
  app.get('/control/report', (c) => c.json(simulation.counters.report));
  app.delete('/control/report', (c) => {
    simulation.counters.reset();
    return c.json({ ok: true });
  });
  app.post('/control/smtp', async (c) => {
    await mail.order(smtpOrder.parse(await c.req.json()));
    return c.json({ ok: true });
  });
  app.get('/control/mails', (c) => c.json(mail.mails));
  return app;
}
