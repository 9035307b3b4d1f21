import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, normalize, sep } from 'node:path';
import { z } from 'zod';
import { RULE_STATUSES } from './mapping/judge.ts';

/** One imported rule as the index names it; what it can do is judged anew at every load. */
const entry = z.strictObject({
  /** Null where the rule cannot be read. */
  id: z.string().nullable(),
  title: z.string(),
  level: z.string().nullable(),
  /** Relative to the folder, with `/`. */
  file: z.string().refine(isInside, 'a path inside the folder'),
  /** Which document of the file, from 0. */
  index: z.number().int().min(0),
  source: z.string(),
  status: z.enum(RULE_STATUSES),
  why: z.string(),
  placeholders: z.array(z.string()),
  /** As in the rule: the licence of public rules asks that their authors stay named. */
  author: z.string().nullable(),
});

const indexFile = z.strictObject({
  schema: z.literal(1),
  /** Values on no list of Microsoft's were taken as the authors' knowledge. */
  trust_values: z.boolean(),
  rules: z.array(entry),
});

export type IndexEntry = z.output<typeof entry>;
export type ImportIndex = z.output<typeof indexFile>;

/** Name of the index in the folder of imported rules. */
export const INDEX_NAME = 'index.json';

/** Null when nothing was imported into the folder. Throws when its index is not one of ours. */
export function readIndex(folder: string): ImportIndex | null {
  const path = join(folder, INDEX_NAME);
  if (!existsSync(path)) return null;
  const wrong = (reason: string): Error =>
    new Error(`load imported rules: ${path} ${reason}; run 'tenantwatch detections import' again`);
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw wrong('is not JSON');
  }
  const parsed = indexFile.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw wrong(`is no index of imported rules (${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''})`);
}

/** Replaces the index at once, so that a run that reads meanwhile finds the old or the new one. */
export function writeIndex(folder: string, index: ImportIndex): void {
  const path = join(folder, INDEX_NAME);
  writeFileSync(`${path}.new`, `${JSON.stringify(index, null, 1)}\n`);
  renameSync(`${path}.new`, path);
}

function isInside(path: string): boolean {
  const plain = normalize(path);
  return !isAbsolute(plain) && plain !== '..' && !plain.startsWith(`..${sep}`);
}
