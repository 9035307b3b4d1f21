import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type YAMLError,
} from 'yaml';
import { nearest } from './nearest.ts';
import { InvalidValue } from './values.ts';

/** A value of the file under the name that sentences give it, with its line (from 1). */
export interface Field {
  readonly name: string;
  readonly line: number;
  readonly node: unknown;
}

export type Fields = ReadonlyMap<string, Field>;

/** Words of yaml's error codes that people cause; its own texts quote the file, which may hold a secret. */
const SYNTAX: Readonly<Record<string, string>> = {
  BAD_INDENT: 'is indented unlike its neighbours',
  BAD_SCALAR_START: 'begins with a character that needs quotes around the value',
  BLOCK_AS_IMPLICIT_KEY: 'has a second ": "; put the value into quotes',
  MISSING_CHAR: 'lacks a closing quote or bracket, a comma, or a blank behind the colon',
  MULTILINE_IMPLICIT_KEY: 'has a key without a colon; write "key: value"',
  MULTIPLE_DOCS: 'begins a second document; put all tenants into one',
  TAB_AS_INDENT: 'is indented by a tab; use blanks',
};

/**
 * A YAML 1.2 file that is read strictly and whole: what is wrong becomes a sentence `<file>:<line>: …` among `problems`,
 * and null the value. Sentences repeat no value whose parser does not.
 */
export class YamlFile {
  readonly #name: string;
  readonly #problems: string[];
  readonly #lines = new LineCounter();
  readonly #document: Document;
  /** Null when the text is no YAML, which is among the problems then. */
  readonly root: Field | null;

  /** `name` is how sentences call the file. */
  constructor(name: string, text: string, problems: string[]) {
    this.#name = name;
    this.#problems = problems;
    const options = { version: '1.2', uniqueKeys: true, prettyErrors: false, logLevel: 'error' } as const;
    this.#document = parseDocument(text, { ...options, lineCounter: this.#lines, stringKeys: true });
    const errors = [...this.#document.errors, ...this.#document.warnings];
    for (const error of errors) this.problem(this.#lineAt(error.pos[0]), syntaxSentence(error, text));
    const { explicit, version } = this.#document.directives?.yaml ?? {};
    if (explicit && version !== '1.2') this.problem(1, `the file is YAML ${version}; write YAML 1.2`);
    const broken = errors.some((error) => error.code !== 'DUPLICATE_KEY');
    this.root = broken ? null : { name: 'the file', line: 1, node: this.#document.contents };
  }

  problem(line: number, sentence: string): void {
    this.#problems.push(`${this.origin(line)}: ${sentence}.`);
  }

  /** `<file>:<line>`. */
  origin(line: number): string {
    return `${this.#name}:${line}`;
  }

  /** The keys of a mapping; `what` says whose they are. Unknown ones are a problem each. */
  fields(field: Field, what: string, known: readonly string[]): Fields | null {
    const all = this.entries(field);
    if (all === null) return null;
    for (const [key, { line }] of all) if (!known.includes(key)) this.#unknown(key, line, what, known);
    return new Map([...all].filter(([key]) => known.includes(key)));
  }

  /** A mapping whose keys are the operator's own. */
  entries(field: Field): Fields | null {
    const node = this.#resolve(field.node);
    if (!isMap(node)) return this.#refuse(field, 'is not a mapping; write its keys below it as "key: value"');
    const entries = new Map<string, Field>();
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (entries.has(name)) continue;
      const line = this.#lineOf(key) ?? field.line;
      entries.set(name, { name, line, node: value });
    }
    return entries;
  }

  /** The items of a list, each under the list's name. */
  items(field: Field, example: string): readonly Field[] | null {
    const node = this.#resolve(field.node);
    if (!isSeq(node)) return this.#refuse(field, `is not a list; write ${example}`);
    return node.items.map((item) => ({
      name: field.name,
      line: this.#lineOf(item) ?? field.line,
      node: item,
    }));
  }

  /** What the parser makes of a text; what it refuses is a problem. */
  value<T>(field: Field, parse: (text: string) => T): T | null {
    const node = this.#resolve(field.node);
    const value: unknown = isScalar(node) ? node.value : node;
    if (typeof value !== 'string') return this.#refuse(field, 'is not text; put it into quotes');
    const text = value.trim();
    if (text === '') return this.#refuse(field, 'is empty; give it a value or remove the key');
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof InvalidValue)) throw error;
      return this.#refuse(field, error.message);
    }
  }

  #refuse(field: Field, clause: string): null {
    this.problem(field.line, `${field.name} ${this.#absence(field.node) ?? clause}`);
    return null;
  }

  #absence(node: unknown): string | null {
    const value = this.#resolve(node);
    if (value === undefined) return 'names an anchor that is not there';
    const empty = value === null || (isScalar(value) && value.value === null);
    return empty ? 'is empty; give it a value or remove the key' : null;
  }

  #unknown(key: string, line: number, what: string, known: readonly string[]): void {
    // A secret pasted in the wrong place must not come back.
    const shown = /^[a-z_]{1,24}$/i.test(key) ? key : 'what stands here';
    this.problem(line, `${shown} is not a key of ${what}; the nearest one is ${nearest(key, known)}`);
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  #lineOf(node: unknown): number | null {
    const range = (node as { range?: readonly number[] | null } | null)?.range;
    return range?.[0] === undefined ? null : this.#lineAt(range[0]);
  }

  #lineAt(offset: number): number {
    return this.#lines.linePos(offset).line;
  }
}

function syntaxSentence(error: YAMLError, text: string): string {
  if (error.code === 'DUPLICATE_KEY') {
    const key = /^[a-z_]{1,24}(?=\s*:)/i.exec(text.slice(error.pos[0]))?.[0] ?? 'a key';
    return `${key} stands here a second time; keep one`;
  }
  const words = SYNTAX[error.code] ?? 'is no YAML; check indentation, quotes and brackets';
  return `the line ${words} (${error.code})`;
}
