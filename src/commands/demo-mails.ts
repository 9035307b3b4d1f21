import { copyFileSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { SimulatorReady } from './simulator-process.ts';

/** Copies what the simulator's mail server received into `<out>/mails`, oldest first. Returns the files. */
export function keepMails(ready: SimulatorReady, out: string): string[] {
  const received = join(dirname(ready.stories_file), 'mails');
  const folder = join(out, 'mails');
  mkdirSync(folder, { recursive: true });
  const files = existsSync(received)
    ? readdirSync(received)
        .filter((file) => file.endsWith('.eml'))
        .sort()
    : [];
  return files.map((file) => {
    const target = join(folder, file);
    copyFileSync(join(received, file), target);
    return target;
  });
}
