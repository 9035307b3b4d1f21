import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/store/database.ts';
import { assessAll, tablePage } from './licence-table.ts';

// `node test/detection/write-licence-table.ts`: writes the expected table anew; look at the difference before you keep it.
const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-table-'));
const database = await openDatabase(`sqlite:${join(folder, 'table.db')}`, { now: 0 });
writeFileSync(new URL('licence-table.expected.md', import.meta.url), tablePage(await assessAll(database)));
await database.close();
rmSync(folder, { recursive: true, force: true });
