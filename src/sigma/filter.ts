import type { Detection } from './ast.ts';
import type { DocumentHead, LogSource, Reader } from './head.ts';
import { keyOf } from './head.ts';

/** A filter document: a condition that is joined to the rules it names with `and`. */
export interface SigmaFilter extends DocumentHead {
  readonly kind: 'filter';
  /** Null: every log source. A filter belongs to a rule when all the parts it names are the rule's. */
  readonly logsource: LogSource | null;
  /** Ids or names of rules, as written; `any` = every rule of the log source. */
  readonly rules: readonly string[] | 'any';
  readonly detection: Detection;
}

export function readFilter(reader: Reader, head: DocumentHead): SigmaFilter | null {
  void head;
  return reader.document.error(keyOf(reader, 'filter'), 'filter documents are not supported by this version');
}
