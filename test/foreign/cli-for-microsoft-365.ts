/**
 * Runs the CLI for Microsoft 365 (https://pnp.github.io/cli-microsoft365/, a program that nobody here wrote) against the
 * simulator, through a proxy that answers for Microsoft's names, and prints what it got. By hand, because the CLI is no
 * dependency of this project:
 *
 *     npm install --prefix /tmp/m365 @pnp/cli-microsoft365
 *     node test/foreign/cli-for-microsoft-365.ts /tmp/m365/node_modules/@pnp/cli-microsoft365/dist/index.js
 *
 * The CLI needs Node 22 or later and runs under the one that runs this. Its settings go to a home of its own, which is
 * removed. A third argument `--requests` also prints every request that it sent. Exit code 1: a command failed that
 * should have worked.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClientIdentity } from './certificates.ts';
import { startNamedSimulator } from './simulator.ts';
import type { NamedSimulator } from './simulator.ts';

const HOUR_MS = 3_600_000;
/** The logs' quota is counted over ten seconds. */
const QUOTA_MS = 11_000;

type Json = Readonly<Record<string, unknown>>;

interface Outcome {
  readonly code: number;
  readonly output: unknown;
  readonly complaint: string;
}

type Run = (...args: string[]) => Promise<Outcome>;

/** Runs commands of the CLI, one after the other, and remembers how many failed. */
function commandRunner(cli: string, home: string, { proxy, advance }: NamedSimulator) {
  const authority = join(home, 'authority.pem');
  writeFileSync(authority, proxy.authority);
  const environment = {
    PATH: process.env['PATH'],
    HOME: home,
    HTTPS_PROXY: proxy.url,
    NODE_USE_ENV_PROXY: '1',
    NODE_EXTRA_CA_CERTS: authority,
    NO_COLOR: '1',
  };
  let failures = 0;
  const show = process.argv.includes('--requests');
  return {
    failures: () => failures,
    async run(...args: string[]): Promise<Outcome> {
      // The clock of the simulator stands still: without this, five reads of logs would be throttled for ever.
      await advance(QUOTA_MS);
      const before = proxy.passages.length;
      const child = spawn(process.execPath, [cli, ...args, '--output', 'json'], { env: environment });
      const texts = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => (texts[0] += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (texts[1] += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number];
      const outcome = { code, output: parse(texts[0] ?? ''), complaint: (texts[1] ?? '').trim() };
      if (code !== 0) failures++;
      const sent = proxy.passages.slice(before);
      print(args, outcome, sent.length);
      if (show) {
        for (const one of sent) console.log(`    ${one.status} ${one.method} ${one.host}${one.target}`);
      }
      return outcome;
    },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text.trim();
  }
}

function print(args: readonly string[], { code, output, complaint }: Outcome, requests: number): void {
  const shown = args.map((arg) => (/[\s$*]/.test(arg) ? `'${arg}'` : arg)).join(' ');
  const got = code === 0 ? summary(output) : `FAILED: ${complaint || String(output)}`;
  console.log(`m365 ${shown}\n  -> ${got} (${requests} requests)`);
}

function summary(output: unknown): string {
  const rows = rowsOf(output);
  if (!rows) return JSON.stringify(output).slice(0, 200);
  const [first] = rows;
  return `${rows.length} rows${first ? `, first ${JSON.stringify(first).slice(0, 140)}` : ''}`;
}

function rowsOf(output: unknown): readonly Json[] | null {
  if (Array.isArray(output)) return output as Json[];
  const value = typeof output === 'object' && output !== null ? (output as Json)['value'] : undefined;
  return Array.isArray(value) ? (value as Json[]) : null;
}

function first({ output }: Outcome): Json {
  return rowsOf(output)?.[0] ?? {};
}

async function readDirectory(run: Run): Promise<void> {
  const people = await run('entra', 'user', 'list');
  const { id, userPrincipalName } = first(people);
  await run(
    'entra',
    'user',
    'list',
    '--properties',
    'id,displayName,accountEnabled,userType',
    '--type',
    'Member',
  );
  await run('entra', 'user', 'list', '--displayName', String(first(people)['displayName']).slice(0, 2));
  await run('entra', 'user', 'get', '--id', String(id));
  await run(
    'entra',
    'user',
    'get',
    '--userName',
    String(userPrincipalName),
    '--properties',
    'id,accountEnabled',
  );
  const groups = await run('entra', 'group', 'list');
  await run('entra', 'group', 'list', '--type', 'security');
  await run('entra', 'group', 'list', '--type', 'microsoft365');
  await run('entra', 'group', 'list', '--type', 'distribution');
  await run('entra', 'group', 'member', 'list', '--groupId', String(first(groups)['id']));
  await run('entra', 'organization', 'list');
  await run('entra', 'license', 'list');
}

async function readApplications(run: Run): Promise<void> {
  const principals = await run('entra', 'enterpriseapp', 'list');
  await run('entra', 'enterpriseapp', 'list', '--displayName', String(first(principals)['displayName']));
  await run('entra', 'enterpriseapp', 'list', '--tag', 'WindowsAzureActiveDirectoryIntegratedApp');
  await run('entra', 'app', 'list');
  await run('entra', 'app', 'list', '--properties', 'appId,displayName,passwordCredentials');
  await run('entra', 'oauth2grant', 'list', '--spObjectId', String(first(principals)['id']));
  await run('entra', 'approleassignment', 'list', '--appDisplayName', 'tenantwatch');
  await run('entra', 'roledefinition', 'list');
  await run(
    'entra',
    'roledefinition',
    'list',
    '--filter',
    'isBuiltIn eq true',
    '--properties',
    'id,displayName',
  );
  await run('entra', 'pim', 'role', 'assignment', 'list');
  await run('entra', 'policy', 'list', '--type', 'authorization');
  await run('entra', 'policy', 'list', '--type', 'identitySecurityDefaultsEnforcement');
}

async function readLogs(
  run: Run,
  { simulator, tenant, login }: { simulator: NamedSimulator; tenant: string; login: string[] },
): Promise<void> {
  const signIns = await run('entra', 'user', 'signin', 'list');
  await run('entra', 'user', 'signin', 'list', '--userName', String(first(signIns)['userPrincipalName']));
  await run('entra', 'user', 'signin', 'list', '--appDisplayName', String(first(signIns)['appDisplayName']));
  await run('entra', 'user', 'registrationdetails', 'list', '--isMfaRegistered', 'true');
  const graph = 'https://graph.microsoft.com/v1.0';
  await run('request', '--url', `${graph}/auditLogs/directoryAudits?$top=5`);
  await run('request', '--url', `${graph}/users?$count=true&$top=3`, '--ConsistencyLevel', 'eventual');
  await run('request', '--url', '@graph/identity/conditionalAccess/policies');
  await simulator.control(`tenants/${tenant}`, { first_content_ms: 0 });
  await run('purview', 'auditlog', 'list', '--contentType', 'AzureActiveDirectory');
  const now = await simulator.advance(6 * HOUR_MS);
  // The token that it keeps is six hours old by now.
  await run('logout');
  await run(...login);
  const at = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
  const span = ['--startTime', at(now - 23 * HOUR_MS), '--endTime', at(now)];
  await run('purview', 'auditlog', 'list', '--contentType', 'AzureActiveDirectory', ...span);
  await run('purview', 'auditlog', 'list', '--contentType', 'Exchange', ...span);
}

async function main(): Promise<number> {
  const cli = process.argv[2];
  if (cli === undefined) throw new Error('say where the CLI is: see the top of this file');
  const home = mkdtempSync(join(tmpdir(), 'foreign-home-'));
  // The CLI asks for nothing from the future, and the simulator's clock is moved on further down.
  const simulator = await startNamedSimulator(new Date(Date.now() - 8 * HOUR_MS).toISOString(), 7);
  try {
    const identity = await createClientIdentity();
    const file = join(home, 'identity.pem');
    writeFileSync(file, `${identity.key}${identity.certificate}`);
    const [tenant] = simulator.tenants;
    if (!tenant) throw new Error('read the tenants of the simulator: it has none');
    await simulator.control(`tenants/${tenant.id}`, { add_certificate: identity.certificate, licence: 'p2' });
    const runner = commandRunner(cli, home, simulator);
    await runner.run('cli', 'config', 'set', '--key', 'disableTelemetry', '--value', 'true');
    const login = ['login', '--authType', 'certificate', '--certificateFile', file];
    login.push('--appId', tenant.client_id, '--tenant', tenant.id);
    await runner.run(...login);
    await runner.run('status');
    await readDirectory(runner.run);
    await readApplications(runner.run);
    await readLogs(runner.run, { simulator, tenant: tenant.id, login });
    console.log(`refused by the proxy: ${[...new Set(simulator.proxy.refused)].join(', ') || 'nothing'}`);
    return runner.failures() === 0 ? 0 : 1;
  } finally {
    await simulator.close();
    rmSync(home, { recursive: true, force: true });
  }
}

process.exitCode = await main();
