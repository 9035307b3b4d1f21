import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Database } from '../store/database.ts';
import type { SimulatorReady } from './simulator-process.ts';

const DATABASE = 'demo.db';
const MAILS = 'mails';

/**
 * Makes the demo's folder ready: what an earlier demo left there goes, nothing else. Throws when the folder holds
 * something that no demo made.
 */
export function prepareFolder(out: string): void {
  mkdirSync(out, { recursive: true });
  const ours = (file: string) => file === MAILS || file.startsWith(DATABASE);
  const foreign = readdirSync(out).filter((file) => !ours(file));
  if (foreign.length > 0) {
    throw new Error(
      `run the demo: ${out} holds other files (${foreign.slice(0, 3).join(', ')}); name an empty folder`,
    );
  }
  for (const file of readdirSync(out)) rmSync(join(out, file), { recursive: true });
}

/** Copies what the simulator's mail server received into `<out>/mails`, and each mail's page beside it to look at. */
export async function keepMails(database: Database, ready: SimulatorReady, out: string): Promise<string[]> {
  const received = join(dirname(ready.stories_file), MAILS);
  const folder = join(out, MAILS);
  mkdirSync(folder, { recursive: true });
  const files = existsSync(received)
    ? readdirSync(received)
        .filter((file) => file.endsWith('.eml'))
        .sort()
    : [];
  for (const file of files) copyFileSync(join(received, file), join(folder, file));
  const pages = await writePages(database, folder);
  return [...files.map((file) => join(folder, file)), ...pages];
}

async function writePages(database: Database, folder: string): Promise<string[]> {
  const rows = await database.db
    .selectFrom('outbox')
    .select(['recipient', 'kind', 'payload'])
    .where('status', '=', 'sent')
    .orderBy('sent_at')
    .orderBy('id')
    .execute();
  return rows.map((row, index) => {
    const file = join(folder, `${index + 1}-${row.kind}-${row.recipient.replace(/[^\w.@-]/g, '_')}.html`);
    writeFileSync(file, (JSON.parse(row.payload) as { html: string }).html);
    return file;
  });
}
