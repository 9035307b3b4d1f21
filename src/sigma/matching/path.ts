import type { PathStep } from '../language/ast.ts';
import { meter } from './meter.ts';

/** Deeper than any record of Microsoft's; what lies below is not looked at, so that no event can exhaust the stack. */
export const MAX_EVENT_DEPTH = 100;

/** A dotted field name, prepared: the whole rest as one flat key, or the first segment and then the rest. */
export interface Path {
  readonly flat: string;
  readonly head: string;
  readonly rest: Path | null;
}

export type LeafTest = (leaf: unknown) => boolean;

export function toPath(field: string): Path {
  const dot = field.indexOf('.');
  if (dot < 0) return { flat: field, head: field, rest: null };
  return { flat: field, head: field.slice(0, dot), rest: toPath(field.slice(dot + 1)) };
}

/**
 * True if `test` holds for any value at the path. At each object the whole rest of the path is tried as a flat key
 * first, then its first segment; arrays stand for any of their members. Own properties only.
 */
export function someAt(node: unknown, path: Path, test: LeafTest, depth = 0): boolean {
  if (typeof node !== 'object' || node === null || depth > MAX_EVENT_DEPTH) return false;
  if (Array.isArray(node)) {
    for (const member of node) if (someAt(member, path, test, depth + 1)) return true;
    return false;
  }
  if (Object.hasOwn(node, path.flat)) return someMember(own(node, path.flat), test, depth + 1);
  if (path.rest === null || !Object.hasOwn(node, path.head)) return false;
  return someAt(own(node, path.head), path.rest, test, depth + 1);
}

/** True if the key itself is there, whatever it holds: `{f: null}` and `{f: []}` have `f`. */
export function existsAt(node: unknown, path: Path, depth = 0): boolean {
  if (typeof node !== 'object' || node === null || depth > MAX_EVENT_DEPTH) return false;
  meter.steps++;
  if (Array.isArray(node)) {
    for (const member of node) if (existsAt(member, path, depth + 1)) return true;
    return false;
  }
  if (Object.hasOwn(node, path.flat)) return own(node, path.flat) !== undefined;
  if (path.rest === null || !Object.hasOwn(node, path.head)) return false;
  return existsAt(own(node, path.head), path.rest, depth + 1);
}

/** How the values of one field are looked at, in what holds fields. */
export interface FieldAccess<T = unknown> {
  /** True if `test` holds for any value; arrays stand for any of their members. */
  some(node: T, test: LeafTest): boolean;
  /** True if the field itself is there, whatever it holds. */
  exists(node: T): boolean;
}

/** The same in an event or a part of it. */
export interface NodeAccess extends FieldAccess {
  /** True if `visit` returns true for a value as it stands, arrays unopened. */
  someValue(node: unknown, visit: LeafTest): boolean;
}

/** Access to a dotted name, or to `steps` where there are any (no steps at all: the node itself). */
export function accessField(field: string, steps?: readonly PathStep[]): NodeAccess {
  if (steps !== undefined) return accessSteps(toSegments(steps));
  const path = toPath(field);
  return {
    some: (node, test) => someAt(node, path, test),
    exists: (node) => existsAt(node, path),
    someValue: (node, visit) => someValueAt(node, path, visit),
  };
}

type Segment = Path | number;

/** Keys that follow each other are one dotted name, which may also be one flat key. */
function toSegments(steps: readonly PathStep[]): Segment[] {
  const segments: Segment[] = [];
  let keys: string[] = [];
  const flush = (): void => {
    if (keys.length > 0) segments.push(toPath(keys.join('.')));
    keys = [];
  };
  for (const step of steps) {
    if ('key' in step) keys.push(step.key);
    else {
      flush();
      segments.push(step.index);
    }
  }
  flush();
  return segments;
}

function accessSteps(segments: readonly Segment[]): NodeAccess {
  const someValue = (node: unknown, visit: LeafTest): boolean => walk(node, segments, 0, visit);
  return {
    some: (node, test) => someValue(node, (value) => someMember(value, test, 0)),
    exists: (node) => someValue(node, (value) => value !== undefined),
    someValue,
  };
}

function walk(node: unknown, segments: readonly Segment[], at: number, visit: LeafTest): boolean {
  const segment = segments[at];
  if (segment === undefined) return visit(node);
  const next = (value: unknown): boolean => walk(value, segments, at + 1, visit);
  if (typeof segment !== 'number') return someValueAt(node, segment, next);
  if (!Array.isArray(node)) return false;
  meter.steps++;
  const index = segment < 0 ? node.length + segment : segment;
  return index >= 0 && index < node.length && next(node[index]);
}

function someValueAt(node: unknown, path: Path, visit: LeafTest, depth = 0): boolean {
  if (typeof node !== 'object' || node === null || depth > MAX_EVENT_DEPTH) return false;
  meter.steps++;
  if (Array.isArray(node)) {
    for (const member of node) if (someValueAt(member, path, visit, depth + 1)) return true;
    return false;
  }
  if (Object.hasOwn(node, path.flat)) return visit(own(node, path.flat));
  if (path.rest === null || !Object.hasOwn(node, path.head)) return false;
  return someValueAt(own(node, path.head), path.rest, visit, depth + 1);
}

/** True if `test` holds for any scalar of the event at any depth; keys are not looked at. */
export function someLeaf(node: unknown, test: LeafTest, depth = 0): boolean {
  if (typeof node !== 'object' || node === null) return testLeaf(node, test);
  if (depth > MAX_EVENT_DEPTH) return false;
  if (Array.isArray(node)) {
    for (const member of node) if (someLeaf(member, test, depth + 1)) return true;
    return false;
  }
  for (const key in node) {
    if (Object.hasOwn(node, key) && someLeaf(own(node, key), test, depth + 1)) return true;
  }
  return false;
}

/**
 * The values a rule field reads from an event, in order: scalars, nulls and objects; arrays are opened at every
 * level; own properties only. An absent field gives an empty list.
 */
export function readPath(event: object, path: string): unknown[] {
  const found: unknown[] = [];
  someAt(event, toPath(path), (leaf) => {
    found.push(leaf);
    return false;
  });
  return found;
}

function someMember(value: unknown, test: LeafTest, depth: number): boolean {
  if (!Array.isArray(value)) return testLeaf(value, test);
  if (depth > MAX_EVENT_DEPTH) return false;
  for (const member of value) if (someMember(member, test, depth + 1)) return true;
  return false;
}

function testLeaf(leaf: unknown, test: LeafTest): boolean {
  meter.steps++;
  return leaf !== undefined && test(leaf);
}

function own(node: object, key: string): unknown {
  return (node as Record<string, unknown>)[key];
}
