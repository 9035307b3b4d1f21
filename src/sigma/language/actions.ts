import type { Node } from 'yaml';
import { isMap, Pair, YAMLMap } from 'yaml';
import type { SourceDocument } from './document.ts';
import { MAX_CHARACTERS, MAX_NODES } from './document.ts';
import type { SigmaProblem } from './problem.ts';

const ACTIONS = ['global', 'reset', 'repeat'];

/** The documents that are left, and what was found in those that are none of their own. */
export interface AppliedActions {
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly SigmaProblem[];
}

/**
 * Applies the `action` documents of a file as pySigma still does, although Sigma 2 no longer has them: what `global`
 * holds is part of every document behind it up to `reset`; `repeat` is the document before it with changes.
 */
export function applyActions(documents: readonly SourceDocument[]): AppliedActions {
  const applied: SourceDocument[] = [];
  const problems: SigmaProblem[] = [];
  const room: Room = { nodes: MAX_NODES, characters: MAX_CHARACTERS };
  let global: SourceDocument | null = null;
  for (const document of documents) {
    const action = actionOf(document);
    if (action !== null) lintAction(document, action);
    if (action === 'global') global = global === null ? document : merge(global, document);
    if (action === 'reset') global = null;
    if (action === 'global' || action === 'reset') problems.push(...document.problems);
    else if (action !== 'repeat') applied.push(layOver(global, document, room));
    else {
      const before = applied.at(-1) ?? null;
      if (before === null) document.error(document.root, "'action: repeat' has no document before it");
      applied.push(layOver(before, document, room));
    }
  }
  return { documents: applied, problems };
}

/** What the documents of a file may still become. */
interface Room {
  nodes: number;
  characters: number;
}

function layOver(base: SourceDocument | null, top: SourceDocument, room: Room): SourceDocument {
  if (base === null) return top;
  room.nodes -= base.nodes + top.nodes;
  if (room.nodes < 0)
    top.error(top.root, `'action' documents make more than ${MAX_NODES} values; write each rule out`);
  room.characters -= base.characters + top.characters;
  if (room.characters < 0)
    top.error(
      top.root,
      `'action' documents make more than ${MAX_CHARACTERS} characters; write each rule out`,
    );
  return merge(base, top);
}

function actionOf(document: SourceDocument): string | null {
  const { plain } = document;
  if (typeof plain !== 'object' || plain === null || !Object.hasOwn(plain, 'action')) return null;
  const { action } = plain as { action: unknown };
  return typeof action === 'string' ? action : JSON.stringify(action);
}

function lintAction(document: SourceDocument, action: string): void {
  const at = document.entries(document.root).find((entry) => entry.key === 'action')?.keyNode ?? null;
  if (!ACTIONS.includes(action)) document.error(at, `action '${action}' is not one of ${ACTIONS.join(', ')}`);
  document.lint(at, "'action' documents are not part of Sigma any more; write each rule out");
}

/** `top` laid over `base`: maps are merged key by key, anything else of `top` replaces what `base` has. */
function merge(base: SourceDocument, top: SourceDocument): SourceDocument {
  const root = mergeNodes(base, top, base.root, top.root);
  const merged = top.withRoot({ root, plain: mergePlain(base.plain, top.plain) }, base);
  return { ...merged, nodes: base.nodes + top.nodes, characters: base.characters + top.characters };
}

function mergeNodes(base: SourceDocument, top: SourceDocument, below: Node, above: Node): Node {
  if (!isMap(below) || !isMap(above)) return above;
  const map = new YAMLMap<Node, Node>();
  if (above.range) map.range = above.range;
  const upper = top.entries(above).filter((entry) => entry.key !== 'action');
  for (const { key, keyNode, value } of base.entries(below)) {
    const over = upper.find((entry) => entry.key === key);
    if (key === 'action') continue;
    if (over === undefined) map.items.push(new Pair(keyNode, value));
    else map.items.push(new Pair(over.keyNode, mergeNodes(base, top, value, over.value)));
  }
  for (const { key, keyNode, value } of upper) {
    if (!base.entries(below).some((entry) => entry.key === key)) map.items.push(new Pair(keyNode, value));
  }
  return map;
}

function mergePlain(below: unknown, above: unknown): unknown {
  if (!isPlainMap(below) || !isPlainMap(above)) return above;
  const merged = new Map(Object.entries(below));
  for (const [key, value] of Object.entries(above)) merged.set(key, mergePlain(merged.get(key), value));
  merged.delete('action');
  return Object.fromEntries(merged);
}

function isPlainMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
