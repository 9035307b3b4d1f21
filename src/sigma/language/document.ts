import type { CST, Document, Node, Pair } from 'yaml';
import { Composer, isAlias, isMap, isScalar, isSeq, LineCounter, Parser, Scalar } from 'yaml';
import type { Report, SigmaProblem } from './problem.ts';

/** The largest rule file read, in UTF-16 units; SigmaHQ's largest is a tenth of it. */
export const MAX_FILE_LENGTH = 262_144;
const MAX_DOCUMENTS = 500;
/** Aliases count as what they stand for, so that a few lines cannot become gigabytes. */
export const MAX_NODES = 100_000;
/** Characters of keys and values, aliases again as what they stand for: four times the longest file. */
export const MAX_CHARACTERS = 4 * MAX_FILE_LENGTH;
const MAX_DEPTH = 40;
/** One mistake in YAML makes many; the first few say it. */
const MAX_YAML_PROBLEMS = 5;
/** Characters of a message: keys and values that it repeats may be as long as the file. */
const MAX_MESSAGE = 1000;
/** Errors, and lints, told of one document. */
const MAX_PROBLEMS = 100;

export interface Position {
  line: number;
  column: number;
}

/** A node of a checked document; aliases are replaced by what they stand for. */
export type Place = Node | null;

/** One document of a file: no duplicate keys, no cycles, bounded, every key a scalar. */
export interface SourceDocument extends Report<Place> {
  readonly file: string;
  /** Counts from 0 within the file. */
  readonly index: number;
  readonly root: Node;
  readonly plain: unknown;
  readonly problems: SigmaProblem[];
  /** Values in it, aliases as what they stand for. */
  readonly nodes: number;
  /** Characters of its keys and values, counted in the same way. */
  readonly characters: number;
  /** What each alias in it stands for. */
  readonly aliases: ReadonlyMap<Node, Node>;
  /** The same document with other contents, made of its own nodes and those of `base`. */
  withRoot(contents: { readonly root: Node; readonly plain: unknown }, base: SourceDocument): SourceDocument;
  entries(node: Place): readonly Entry[];
  members(node: Place): readonly Node[];
  /** Where the key path stands, or its nearest existing ancestor. */
  position(path: readonly (string | number)[]): Position;
}

export interface Entry {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: Node;
}

/** Splits a file into documents. What cannot be read becomes a problem; the other documents are still returned. */
export function readDocuments(
  text: string,
  file: string,
): { documents: SourceDocument[]; problems: SigmaProblem[] } {
  if (text.length > MAX_FILE_LENGTH) {
    const message = `the file is longer than ${MAX_FILE_LENGTH} characters; split it`;
    return { documents: [], problems: [{ file, line: 1, column: 1, message, severity: 'error' }] };
  }
  const lines = new LineCounter();
  const documents: SourceDocument[] = [];
  const problems: SigmaProblem[] = [];
  let index = 0;
  for (const read of composeEach(text, lines)) {
    if (index >= MAX_DOCUMENTS) {
      problems.push(
        toProblem(file, lines, offsetOf(read), `the file has more than ${MAX_DOCUMENTS} documents; split it`),
      );
      break;
    }
    if (typeof read === 'number') {
      problems.push(toProblem(file, lines, offsetOf(read), 'a document is nested too deeply to be read'));
    } else if (read.contents !== null && !isEmptyScalar(read)) {
      const document = checkDocument(read, { file, index, lines });
      if (document.problems.length > 0) problems.push(...document.problems);
      else documents.push(document);
    } else problems.push(...yamlProblems(read, file, lines));
    index++;
  }
  return { documents, problems };
}

/** Yields each document, or the offset of one that exhausts the stack. */
function* composeEach(text: string, lines: LineCounter): Generator<Document | number> {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    uniqueKeys: false,
    merge: false,
    logLevel: 'silent',
  });
  const tokens = new Parser(lines.addNewLine).parse(text);
  for (let token = nextToken(tokens, lines); token !== null; token = nextToken(tokens, lines)) {
    if (typeof token === 'number') {
      yield* composer.end() as Generator<Document>;
      return yield token;
    }
    try {
      // The first document goes on its way when the second begins.
      for (const document of composer.next(token)) yield document as Document;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      yield 'offset' in token ? token.offset : 0;
    }
  }
  for (const document of composer.end()) yield document as Document;
}

/** The next token; null at the end, an offset where the parser itself exhausts the stack: what follows is lost then. */
function nextToken(tokens: Generator<CST.Token>, lines: LineCounter): CST.Token | number | null {
  try {
    const next = tokens.next();
    return next.done === true ? null : next.value;
  } catch (error) {
    if (error instanceof RangeError) return lines.lineStarts.at(-1) ?? 0;
    throw error;
  }
}

function offsetOf(read: Document | number): number {
  return typeof read === 'number' ? read : (read.range?.[0] ?? 0);
}

/** `---` with nothing behind it. */
function isEmptyScalar(document: Document): boolean {
  return isScalar(document.contents) && document.contents.value === null && document.errors.length === 0;
}

interface Origin {
  readonly file: string;
  readonly index: number;
  readonly lines: LineCounter;
}

function checkDocument(document: Document, origin: Origin): SourceDocument {
  const { file, index, lines } = origin;
  const problems = yamlProblems(document, file, lines);
  const resolved = new Map<Node, Node>();
  const start = document.range?.[0] ?? 0;
  const source = makeSource(
    { file, index, lines, start, resolved, problems },
    document.contents as Node,
    null,
  );
  if (problems.length > 0) return source;
  const walk: Walk = { source, resolved, anchors: new Map(), nodes: 0, characters: 0 };
  const plain = toPlain(walk, source.root, 0);
  return problems.length > 0 ? source : { ...source, plain, nodes: walk.nodes, characters: walk.characters };
}

interface Parts extends Origin {
  /** Offset of the document in its file. */
  readonly start: number;
  /** What each alias stands for. */
  readonly resolved: ReadonlyMap<Node, Node>;
  readonly problems: SigmaProblem[];
}

function makeSource(parts: Parts, root: Node, plain: unknown): SourceDocument {
  const { file, index, lines, start, resolved, problems } = parts;
  const resolve = (node: unknown): Node => resolved.get(node as Node) ?? (node as Node);
  const offset = (node: Place): number => node?.range?.[0] ?? start;
  const told = { error: 0, lint: 0 };
  const add = (severity: 'error' | 'lint', at: Place, message: string): void => {
    if (told[severity]++ < MAX_PROBLEMS)
      problems.push({ ...toProblem(file, lines, offset(at), message), severity });
  };
  const source: SourceDocument = {
    file,
    index,
    root,
    problems,
    plain,
    nodes: 0,
    characters: 0,
    error: (at, message) => {
      add('error', at, message);
      return null;
    },
    lint: (at, message) => add('lint', at, message),
    entries: (node) =>
      isMap(node) ? (node.items as Pair<Node, Node | null>[]).map((pair) => toEntry(pair, resolve)) : [],
    members: (node) => (isSeq(node) ? node.items.map(resolve) : []),
    position: (path) => toPosition(lines, offset(locate(source, path))),
    withRoot: (other, base) =>
      makeSource(
        { ...parts, resolved: new Map([...base.aliases, ...resolved]), problems: [...problems] },
        other.root,
        other.plain,
      ),
    aliases: resolved,
  };
  return source;
}

function toEntry(pair: Pair<Node, Node | null>, resolve: (node: unknown) => Node): Entry {
  const key = pair.key;
  return {
    key: keyText(key) ?? '',
    keyNode: key,
    value: pair.value === null ? emptyAt(key) : resolve(pair.value),
  };
}

/** The value of `{key}`. */
function emptyAt(key: Node): Node {
  const empty = new Scalar(null);
  if (key.range) empty.range = key.range;
  return empty;
}

/** The text of a scalar key as it was written, so that `07` and `yes` stay what they are. */
function keyText(key: unknown): string | null {
  if (!isScalar(key)) return null;
  if (typeof key.value === 'string') return key.value;
  return key.source ?? String(key.value);
}

interface Walk {
  readonly source: SourceDocument;
  readonly resolved: Map<Node, Node>;
  readonly anchors: Map<string, Node>;
  nodes: number;
  characters: number;
}

/** The plain value of a node, checked on the way. Stops at the first limit that is passed. */
function toPlain(walk: Walk, given: Node, depth: number): unknown {
  const { source } = walk;
  const node = isAlias(given) ? resolveAlias(walk, given) : given;
  if (node === null || source.problems.length > 0) return null;
  if (!isWithin(walk, given, depth)) return null;
  if ('anchor' in node && typeof node.anchor === 'string') walk.anchors.set(node.anchor, node);
  if (isScalar(node)) return hasRoom(walk, given, node.source ?? '') ? node.value : null;
  if (isSeq(node)) return node.items.map((member) => toPlain(walk, member as Node, depth + 1));
  if (isMap(node)) return toPlainMap(walk, node.items as Pair<Node, Node | null>[], depth);
  return source.error(given, 'this is not a value that a rule can hold');
}

/** Counts a node; false, and reported, where there are too many or it lies too deep. */
function isWithin(walk: Walk, at: Node, depth: number): boolean {
  if (++walk.nodes > MAX_NODES) walk.source.error(at, `the document has more than ${MAX_NODES} values`);
  if (depth > MAX_DEPTH) walk.source.error(at, `the document is nested deeper than ${MAX_DEPTH} levels`);
  return walk.source.problems.length === 0;
}

/** False, and reported, where the text makes the document too long. */
function hasRoom(walk: Walk, at: Node, text: string): boolean {
  walk.characters += text.length;
  if (walk.characters <= MAX_CHARACTERS) return true;
  walk.source.error(
    at,
    `the document has more than ${MAX_CHARACTERS} characters; aliases count as often as they are used`,
  );
  return false;
}

function resolveAlias(walk: Walk, alias: Node & { source: string }): Node | null {
  const target = walk.anchors.get(alias.source);
  if (target !== undefined) {
    walk.resolved.set(alias, target);
    return target;
  }
  walk.source.error(alias, `alias *${alias.source} has no anchor before it`);
  return null;
}

function toPlainMap(
  walk: Walk,
  pairs: readonly Pair<Node, Node | null>[],
  depth: number,
): Record<string, unknown> {
  const plain: Record<string, unknown> = {};
  for (const { key, value } of pairs) {
    const text = keyText(key);
    if (text === null) walk.source.error(key, 'a key must be a plain text');
    else if (Object.hasOwn(plain, text)) walk.source.error(key, `duplicate key '${text}'; merge the two`);
    else if (hasRoom(walk, key, text) && text === '<<')
      walk.source.error(key, "'<<' is not part of YAML 1.2; write the keys out");
    if (text === null || walk.source.problems.length > 0) return plain;
    // defineProperty: assigning to `__proto__` would not make a key.
    Object.defineProperty(plain, text, {
      value: value === null ? null : toPlain(walk, value, depth + 1),
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  return plain;
}

function locate(source: SourceDocument, path: readonly (string | number)[]): Place {
  let node: Node = source.root;
  let found: Node = source.root;
  for (const step of path) {
    if (typeof step === 'number') {
      const member = source.members(node)[step];
      if (member === undefined) return found;
      found = node = member;
    } else {
      const entry = source.entries(node).find((e) => e.key === step);
      if (entry === undefined) return found;
      found = entry.keyNode;
      node = entry.value;
    }
  }
  return found;
}

/** YAML's own errors and warnings alike: an unknown tag or an unescaped character is no rule. */
function yamlProblems(document: Document, file: string, lines: LineCounter): SigmaProblem[] {
  const found = [...document.errors, ...document.warnings].slice(0, MAX_YAML_PROBLEMS);
  return found.map((error) => toProblem(file, lines, error.pos[0], `YAML: ${yamlReason(error.message)}`));
}

function yamlReason(message: string): string {
  if (message.startsWith('Maximum call stack')) return 'nested too deeply to be read';
  return message.split('\n')[0] ?? '';
}

function toProblem(file: string, lines: LineCounter, offset: number, message: string): SigmaProblem {
  const cut = message.length <= MAX_MESSAGE ? message : `${message.slice(0, MAX_MESSAGE - 1)}…`;
  return { file, ...toPosition(lines, offset), message: cut, severity: 'error' };
}

function toPosition(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
