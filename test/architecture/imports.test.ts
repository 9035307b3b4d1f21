import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { importsOf, readDocument, sourceFiles, tableUnder } from './source-files.ts';

const LEAVES = ['model', 'errors.ts', 'log.ts', 'clock.ts', 'text', 'network'];

interface Layer {
  /** Folders, files or `folder/file` prefixes; `all` = everything but the simulator. */
  readonly may: readonly string[] | 'all';
  readonly leaves: boolean;
  readonly belongs: string;
}

function readLayers(): Map<string, Layer> {
  const layers = new Map<string, Layer>();
  for (const [folder = '', imports = '', belongs = ''] of tableUnder(
    readDocument('docs/architecture.md'),
    '## What may import what',
  )) {
    layers.set(folder, { may: readMay(imports), leaves: !imports.startsWith('nothing'), belongs });
  }
  for (const leaf of LEAVES) layers.set(leaf, { may: [], leaves: true, belongs: 'plain types and words' });
  return layers;
}

function readMay(cell: string): readonly string[] | 'all' {
  if (cell === 'all but simulator') return 'all';
  if (cell === '-' || cell.startsWith('nothing')) return [];
  return cell.split(',').map((name) => name.replace(/\(.*\)/, '').trim());
}

/** `src/jobs/collect.ts` → `jobs`; `src/bin.ts` → `bin.ts`. */
function layerOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function verdict(layers: Map<string, Layer>, file: string, target: string): string | null {
  const from = layerOf(file);
  const to = layerOf(target);
  if (from === to) return null;
  const layer = layers.get(from);
  if (!layer) return `${file}: "${from}" is not in the import table of docs/architecture.md; add its row`;
  if (isAllowed(layer, target, to)) return null;
  const allowed = layer.may === 'all' ? 'everything but simulator' : layer.may.join(', ') || 'nothing';
  const reason = `${from} (${layer.belongs}) may import ${allowed}${layer.leaves ? ' and the leaves' : ''}`;
  return `${file} imports ${target}: ${reason}. What needs ${to} belongs in ${homesOf(layers, from, to)}.`;
}

function isAllowed(layer: Layer, target: string, to: string): boolean {
  if (to === 'simulator') return false;
  if (layer.leaves && LEAVES.includes(to)) return true;
  if (layer.may === 'all') return true;
  return layer.may.some((name) => name === to || target.startsWith(`src/${name}`));
}

/** Where code would have to live to use both. */
function homesOf(layers: Map<string, Layer>, from: string, to: string): string {
  const homes = [...layers].filter(
    ([, { may }]) => may === 'all' || (may.includes(from) && may.includes(to)),
  );
  return homes.map(([name]) => name).join(' or ') || 'neither';
}

function ownImports(file: { path: string; text: string }): string[] {
  return importsOf(file.text)
    .filter((name) => name.startsWith('.'))
    .map((name) => posix.join(posix.dirname(file.path), name));
}

test('every import inside src/ is one that docs/architecture.md allows', () => {
  const layers = readLayers();
  const problems = sourceFiles('src').flatMap((file) =>
    ownImports(file).map((target) => verdict(layers, file.path, target)),
  );
  expect(problems.filter((problem) => problem !== null)).toEqual([]);
});

test('nothing in src/ imports from outside src/', () => {
  const outside = sourceFiles('src').flatMap((file) =>
    ownImports(file)
      .filter((target) => !target.startsWith('src/'))
      .map((target) => `${file.path} imports ${target}`),
  );
  expect(outside).toEqual([]);
});

test('bin.ts has no static import, so that the version check runs first', () => {
  const text = sourceFiles('src').find((file) => file.path === 'src/bin.ts')?.text ?? '';
  expect(text).toMatch(/\bimport\(/);
  expect(text).not.toMatch(/^\s*(import|export)\s[^(]*from\s/m);
  expect(text).not.toMatch(/^\s*import\s+['"]/m);
});

test.each([
  ['src/sigma/parse.ts', 'src/model/event.ts'],
  ['src/store/events.ts', 'src/records/sign-in.ts'],
  ['src/collectors/users.ts', 'src/store/events.ts'],
  ['src/reports/digest.ts', 'src/channels/smtp.ts'],
  ['src/commands/simulate.ts', 'src/simulator/main.ts'],
  ['src/simulator/main.ts', 'src/model/event.ts'],
  ['src/jobs/detect.ts', 'src/commands/main.ts'],
  ['src/web/server.ts', 'src/microsoft/graph.ts'],
  ['src/model/event.ts', 'src/config/options.ts'],
  ['src/attic/old.ts', 'src/model/event.ts'],
])('%s may not import %s', (file, target) => {
  expect(verdict(readLayers(), file, target)).toContain(file);
});

test.each([
  ['src/jobs/detect.ts', 'src/detection/engine.ts'],
  ['src/detection/engine.ts', 'src/sigma/parse.ts'],
  ['src/web/server.ts', 'src/microsoft/sign-in.ts'],
  ['src/web/server.ts', 'src/store/alerts.ts'],
  ['src/commands/demo.ts', 'src/jobs/collect.ts'],
  ['src/store/events.ts', 'src/model/event.ts'],
  ['src/bin.ts', 'src/commands/main.ts'],
])('%s may import %s', (file, target) => {
  expect(verdict(readLayers(), file, target)).toBeNull();
});

test('a refusal says where the code belongs', () => {
  expect(verdict(readLayers(), 'src/collectors/users.ts', 'src/store/events.ts')).toBe(
    'src/collectors/users.ts imports src/store/events.ts: collectors (reading one source, page by page) may import ' +
      'microsoft, records and the leaves. What needs store belongs in jobs or commands.',
  );
});
