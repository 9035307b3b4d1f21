import { expect } from 'vitest';
import BetterSqlite3 from 'better-sqlite3';
import { join } from 'node:path';
import { runCommand, type CommandRun } from '../commands/command-run.ts';
import type { Simulated, SimulatedTenant } from './simulated.ts';

/** One thing that is refused, for real and over HTTPS, and what the operator reads about it. */
export interface Refusal {
  readonly name: string;
  /** Which tenant is watched; the licensed one where not given. */
  readonly tenant?: 'free';
  /** Options that differ from good ones. */
  readonly options?: (stage: Stage) => Readonly<Record<string, string>>;
  /** Makes the trouble; what it did to the tenant is undone by `restore`. */
  readonly arrange?: (stage: Stage) => Promise<void>;
  /** The command line; `collect` where not given. */
  readonly argv?: readonly string[];
  readonly exit: number;
  /** Whole lines of what is printed, masked (`mask`) and with single gaps; a pattern where a count does not matter. */
  readonly says: readonly (string | RegExp)[];
  /** Looks at what was left behind, and ends the trouble. */
  readonly after?: (stage: Stage) => Promise<void>;
  /** The change that makes the tenant good again. */
  readonly restore?: Readonly<Record<string, unknown>>;
}

/** One operator's machine: a folder with a database of its own, watching one tenant. */
export interface Stage {
  readonly simulated: Simulated;
  readonly tenant: SimulatedTenant;
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Runs a command line under the stage's environment. */
  run(argv: readonly string[]): Promise<CommandRun>;
  /** Runs `collect` and expects it to succeed. */
  collect(): Promise<string>;
  /** Reads the database with SQL. */
  rows(sql: string): Record<string, unknown>[];
  /** Changes the database with SQL. */
  write(sql: string): void;
  /** Another machine that watches the same tenant. */
  another(): Stage;
}

export function openStage(simulated: Simulated, refusal: Refusal): Stage {
  const tenant = refusal.tenant === 'free' ? simulated.free : simulated.licensed;
  const folder = simulated.folder();
  const file = join(folder, 'test.db');
  const environment: Record<string, string> = simulated.environment(tenant, folder);
  const stage: Stage = {
    simulated,
    tenant,
    folder,
    environment,
    run: (argv) => runCommand(argv, { env: environment, cwd: folder }),
    async collect() {
      const run = await stage.run(['collect']);
      expect(run).toMatchObject({ code: 0, stderr: '' });
      return run.stdout;
    },
    rows: (sql) => withFile(file, (database) => database.prepare(sql).all() as Record<string, unknown>[]),
    write: (sql) => withFile(file, (database) => void database.exec(sql)),
    another: () => openStage(simulated, refusal),
  };
  Object.assign(environment, refusal.options?.(stage));
  return stage;
}

function withFile<T>(file: string, work: (database: BetterSqlite3.Database) => T): T {
  const database = new BetterSqlite3(file);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** Everything printed, line by line, without what differs from run to run. */
export function linesOf(run: CommandRun, stage: Stage): string[] {
  return `${run.stdout}\n${run.stderr}`
    .split('\n')
    .map((line) => mask(line, stage).trim().replaceAll(/ {2,}/g, '  '));
}

export function mask(text: string, stage: Stage): string {
  const { ready } = stage.simulated;
  const port = new URL(ready.smtp.url).port;
  return text
    .replaceAll(stage.folder, '<folder>')
    .replaceAll(stage.tenant.id, '<tenant>')
    .replaceAll(stage.tenant.client_id, '<app>')
    .replaceAll(ready.graph, '<graph>')
    .replaceAll(ready.authority, '<authority>')
    .replaceAll(new URL(ready.graph).host, '<graph host>')
    .replaceAll(new URL(ready.authority).host, '<authority host>')
    .replaceAll(`:${port}`, ':<port>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/\([0-9A-F]{16}:error:[^)]*\)/g, '(<openssl>)')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '<id>');
}
