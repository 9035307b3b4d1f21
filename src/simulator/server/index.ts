import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { World } from '../world.ts';
import { answerAuthority } from './authority.ts';
import { controlApp } from './control.ts';
import { answerExchange } from './exchange-admin/index.ts';
import { answerGraph } from './graph.ts';
import { createApp, listen, send, targetOf, type App } from './http.ts';
import { answerManagement } from './management/index.ts';
import type { Version } from './route.ts';
import { createSimulation, type Simulation } from './simulation.ts';
import { startMailServer } from './smtp.ts';
import { createTlsMaterial } from './tls.ts';

export interface SimulatorOptions {
  /** Where the virtual clock starts, UTC epoch ms. */
  readonly clock: number;
  /** Ports: 0 = free ones, else authority, management, control and Exchange take the next four after Graph's. */
  readonly port: number;
  /** For the authority's certificate, the stories and the mails; null = a new temporary directory. */
  readonly directory: string | null;
  /**
   * What links, issuers and audiences call the servers: `own` = the addresses they listen on; `microsoft` = the names of
   * the real ones, for a client behind a proxy that answers for those. `own` where not given.
   */
  readonly names?: 'own' | 'microsoft';
}

/** Of the global cloud (graph-facts D). */
const MICROSOFT = {
  graph: 'https://graph.microsoft.com',
  authority: 'https://login.microsoftonline.com',
  management: 'https://manage.office.com',
  exchange: 'https://outlook.office365.com',
};

/** The JSON line that a ready simulator prints. */
export interface Ready {
  readonly graph: string;
  readonly authority: string;
  readonly management: string;
  readonly exchange: string;
  readonly ca_file: string;
  readonly clock: string;
  readonly control: string;
  readonly smtp: { readonly url: string; readonly ca_file: string };
  readonly tenants: readonly {
    readonly id: string;
    readonly name: string;
    readonly client_id: string;
    readonly secret: string;
    readonly domain: string;
  }[];
  readonly stories_file: string;
}

export interface Simulator {
  readonly ready: Ready;
  close(): Promise<void>;
}

/** Starts a simulated Microsoft 365 for a world: Graph, authority, management, control and mail, each on a port of its own. */
export async function startSimulator(world: World, options: SimulatorOptions): Promise<Simulator> {
  const directory = prepareDirectory(options.directory);
  const [simulation, tls] = await Promise.all([createSimulation(world, options.clock), createTlsMaterial()]);
  const mail = await startMailServer(tls, join(directory, 'mails'));
  const apps = [
    graphApp(simulation),
    authorityApp(simulation),
    managementApp(simulation),
    controlApp(simulation, mail),
    exchangeApp(simulation),
  ];
  const listeners = await Promise.all(
    apps.map((app, index) => listen(app, tls, options.port === 0 ? 0 : options.port + index)),
  );
  const [graph = '', authority = '', management = '', control = '', exchange = ''] = listeners.map(
    ({ origin }) => origin,
  );
  const own = { graph, authority, management, exchange };
  Object.assign(simulation.origins, options.names === 'microsoft' ? MICROSOFT : own);
  const files = writeFiles(directory, tls.authorityPem, world);
  return {
    ready: {
      ...own,
      ca_file: files.authority,
      clock: `${control}/clock`,
      control: `${control}/control`,
      smtp: { url: mail.url, ca_file: files.authority },
      tenants: world.tenants.map(({ id, name, app, defaultDomain: domain }) => ({
        id,
        name,
        client_id: app.clientId,
        secret: app.secret,
        domain,
      })),
      stories_file: files.stories,
    },
    async close() {
      await Promise.all([...listeners.map((listener) => listener.close()), mail.close()]);
    },
  };
}

function prepareDirectory(directory: string | null): string {
  if (directory === null) return mkdtempSync(join(tmpdir(), 'tenantwatch-simulator-'));
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
  return directory;
}

function writeFiles(directory: string, pem: string, world: World): { authority: string; stories: string } {
  const authority = join(directory, 'authority.pem');
  const stories = join(directory, 'stories.json');
  writeFileSync(authority, pem, { mode: 0o600 });
  writeFileSync(stories, JSON.stringify(world.stories, null, 2), { mode: 0o600 });
  return { authority, stories };
}

function graphApp(simulation: Simulation): App {
  const app = createApp();
  app.all('*', async (c) => {
    const [version = '', ...rest] = targetOf(c).split('/');
    if (version !== 'v1.0' && version !== 'beta') {
      return c.json({ error: { code: 'BadRequest', message: `Invalid version: ${version}` } }, 400);
    }
    simulation.requests++;
    const answer = await answerGraph(simulation, {
      method: c.req.method,
      version: version satisfies Version,
      target: rest.join('/'),
      header: (name) => c.req.header(name),
      body: c.req.method === 'GET' ? '' : await c.req.text(),
      number: simulation.requests,
      part: false,
    });
    return send(c, answer);
  });
  return app;
}

function authorityApp(simulation: Simulation): App {
  const app = createApp();
  app.all('*', async (c) => {
    const path = `/${targetOf(c).split('?')[0]}`;
    const body = c.req.method === 'GET' ? '' : await c.req.text();
    return send(c, await answerAuthority(simulation, { method: c.req.method, path, body }));
  });
  return app;
}

function managementApp(simulation: Simulation): App {
  const app = createApp();
  app.all('*', async (c) => {
    const header = (name: string) => c.req.header(name);
    return send(c, await answerManagement(simulation, { method: c.req.method, target: targetOf(c), header }));
  });
  return app;
}

function exchangeApp(simulation: Simulation): App {
  const app = createApp();
  app.all('*', async (c) => {
    const header = (name: string) => c.req.header(name);
    const body = c.req.method === 'GET' ? '' : await c.req.text();
    const request = { method: c.req.method, target: targetOf(c), header, body };
    return send(c, await answerExchange(simulation, request));
  });
  return app;
}
