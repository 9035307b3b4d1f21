import type { Detection } from './ast.ts';
import type { DocumentHead } from './head.ts';
import type { Placeholders } from './placeholders.ts';
import { placeholdersIn, resolvePlaceholders } from './placeholders.ts';
import type { SigmaProblem } from './problem.ts';
import { SigmaError } from './problem.ts';

type Path = (string | number)[];

/**
 * The detection of a document (under its key `part`) with values in the place of placeholders. Throws SigmaError, one
 * problem for each placeholder that has none, at the item that uses it, or if the patterns would be too many.
 */
export function resolveDocument(
  head: DocumentHead,
  detection: Detection,
  part: 'detection' | 'filter',
  values: Placeholders = new Map(),
): Detection {
  const names = placeholdersIn(detection);
  if (names.length === 0) return detection;
  const problem = (path: Path, message: string): SigmaProblem => ({
    file: head.file,
    ...head.position(path),
    message: `compile '${head.title}': ${message}`,
    severity: 'error',
  });
  const missing = names.filter((name) => !values.has(name));
  if (missing.length > 0) {
    throw new SigmaError(
      missing.map((name) =>
        problem(
          findUse(head.document[part], `%${name}%`, [part]) ?? [part],
          `placeholder '${name}' has no values; give it some or leave the rule out`,
        ),
      ),
    );
  }
  const resolved = resolvePlaceholders(detection, values);
  if (typeof resolved === 'string') throw new SigmaError([problem([part], resolved)]);
  return resolved;
}

/** The path of the first `…|expand` whose values hold the text. */
function findUse(node: unknown, text: string, path: Path): Path | null {
  if (typeof node !== 'object' || node === null) return null;
  for (const [key, value] of Object.entries(node)) {
    const step = Array.isArray(node) ? Number(key) : key;
    const expands = typeof step === 'string' && step.split('|').includes('expand');
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (expands && values.some((one) => typeof one === 'string' && one.includes(text)))
      return [...path, step];
    const below = findUse(value, text, [...path, step]);
    if (below !== null) return below;
  }
  return null;
}
