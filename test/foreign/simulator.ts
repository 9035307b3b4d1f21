import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startNameProxy } from './proxy.ts';
import type { NameProxy } from './proxy.ts';

/** What the simulator prints, as far as a stranger needs it (docs/architecture.md, "The simulator"). */
interface Ready {
  readonly graph: string;
  readonly authority: string;
  readonly management: string;
  readonly ca_file: string;
  readonly clock: string;
  readonly control: string;
  readonly tenants: readonly {
    readonly id: string;
    readonly name: string;
    readonly client_id: string;
    readonly secret: string;
  }[];
}

/** A simulator in a process of its own, behind Microsoft's names. */
export interface NamedSimulator {
  readonly tenants: Ready['tenants'];
  readonly proxy: NameProxy;
  /** Tells the simulator something that Microsoft has no call for, below `/control`. */
  control(path: string, body: unknown): Promise<unknown>;
  /** Moves its clock on by ms and gives the new time, UTC epoch ms. */
  advance(ms: number): Promise<number>;
  close(): Promise<void>;
}

/** `now`: ISO time of the end of its data. */
export async function startNamedSimulator(now: string, days: number): Promise<NamedSimulator> {
  const directory = mkdtempSync(join(tmpdir(), 'foreign-simulator-'));
  const args = ['--now', now, '--days', String(days), '--dir', directory, '--names', 'microsoft'];
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../src/simulator/main.ts'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    once(child, 'exit').then(() => {
      throw new Error('start the simulator: it ended before it was ready');
    }),
  ])) as [string];
  const ready = JSON.parse(line) as Ready;
  const ca = readFileSync(ready.ca_file, 'utf8');
  const proxy = await startNameProxy(
    {
      'login.microsoftonline.com': ready.authority,
      'graph.microsoft.com': ready.graph,
      'manage.office.com': ready.management,
    },
    ca,
  );
  return {
    tenants: ready.tenants,
    proxy,
    control: (path, body) => tell(`${ready.control}/${path}`, body, ca),
    async advance(ms) {
      const { now_ms: present } = (await tell(ready.clock, undefined, ca)) as { now_ms: number };
      await tell(`${ready.clock}/advance-to`, { to_ms: present + ms }, ca);
      return present + ms;
    },
    async close() {
      await proxy.close();
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** POST of a body, GET without one. Throws when the answer is no success. */
async function tell(url: string, body: unknown, ca: string): Promise<unknown> {
  const method = body === undefined ? 'GET' : 'POST';
  const outgoing = request(url, {
    method,
    ca,
    agent: false,
    headers: { 'content-type': 'application/json' },
  });
  outgoing.end(body === undefined ? '' : JSON.stringify(body));
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  if (answer.statusCode === 200) return JSON.parse(text) as unknown;
  throw new Error(`${method} ${url}: ${answer.statusCode} ${text}`);
}
