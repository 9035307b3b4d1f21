import {
  compileRule,
  type Condition,
  type Item,
  type Selection,
  type SigmaRule,
  type Value,
} from '../../sigma/index.ts';
import { documentationWords, type MappedField, type SourceMapping } from './mapping.ts';

/** Why a part of a rule can match nothing. */
export interface Impossible {
  readonly status: 'prose' | 'correlate';
  readonly why: string;
}

/** The field that a single item is tried on; the item's own name may be dotted. */
const TRIED = 'value';

/** Why the rule can match no record of the source, judged by what its values can be; null = it can. */
export function whyImpossible(rule: SigmaRule, mapping: SourceMapping): Impossible | null {
  const { detection } = rule;
  if (detection === null) return null;
  const judge = (selection: Selection): Impossible | null => {
    if (selection.kind === 'item') return impossibleItem(rule, selection.item, mapping);
    if (selection.kind === 'elements') return null;
    return combine(selection.kind === 'all' ? 'some' : 'every', selection.of.map(judge));
  };
  const walk = (condition: Condition): Impossible | null => {
    if (condition.kind === 'not' || condition.kind === 'never') return null;
    if (condition.kind === 'selection') {
      const selection = detection.selections.get(condition.name);
      return selection === undefined ? null : judge(selection);
    }
    return combine(condition.kind === 'and' ? 'some' : 'every', condition.of.map(walk));
  };
  return walk(detection.condition);
}

function combine(how: 'some' | 'every', found: readonly (Impossible | null)[]): Impossible | null {
  const causes = found.filter((one) => one !== null);
  if (how === 'every' && causes.length < found.length) return null;
  return causes[0] ?? null;
}

/** Texts of the rule that are on no list of what the field can hold, though others beside them are. */
export function unknownValues(rule: SigmaRule, mapping: SourceMapping): string[] {
  const notes = new Set<string>();
  const visit = (selection: Selection): void => {
    if (selection.kind === 'all' || selection.kind === 'any') selection.of.forEach(visit);
    if (selection.kind === 'item')
      for (const text of unknownIn(rule, selection.item, mapping)) notes.add(text);
  };
  for (const selection of rule.detection?.selections.values() ?? []) visit(selection);
  return [...notes];
}

function unknownIn(rule: SigmaRule, item: Item, mapping: SourceMapping): string[] {
  const vocabulary = item.field === null ? null : (mapping.field(item.field)?.vocabulary ?? null);
  if (vocabulary === null || item.values.length < 2 || item.link === 'and' || !isPlain(item)) return [];
  return item.values.flatMap((value) => {
    const text = literalOf(value);
    return text === null || matchesAny(rule, { ...item, values: [value] }, vocabulary) ? [] : [text];
  });
}

function impossibleItem(rule: SigmaRule, item: Item, mapping: SourceMapping): Impossible | null {
  if (item.field === null || item.negated || item.values.length === 0) return null;
  const field = mapping.field(item.field);
  if (field === null) return null;
  return documented(item) ?? worded(item, field) ?? unlisted(rule, item, field);
}

/** A word that stands for a value in documentation, written where the value should be. */
function documented(item: Item): Impossible | null {
  const isWord = (value: Value): boolean => documentationWords.has(textOf(value, '').toLowerCase());
  const bad = item.link === 'and' ? item.values.find(isWord) : item.values.every(isWord) && item.values[0];
  if (!bad) return null;
  return {
    status: 'prose',
    why: `${item.field ?? ''} is compared with '${textOf(bad, '')}', a word of documentation and no value`,
  };
}

function worded(item: Item, field: MappedField): Impossible | null {
  if (field.wording === null) return null;
  const byWords = item.values.every((value) => {
    if (value.kind === 'regex') return field.wording === 'any';
    if (value.kind !== 'pattern' || value.parts.length === 0) return false;
    return field.wording === 'any' || literalOf(value) !== null;
  });
  if (!byWords) return null;
  return {
    status: 'prose',
    why: `${item.field ?? ''} is compared with a sentence of Microsoft's, and Graph words it otherwise`,
  };
}

function unlisted(rule: SigmaRule, item: Item, { vocabulary }: MappedField): Impossible | null {
  if (vocabulary === null || !isPlain(item) || matchesAny(rule, item, vocabulary)) return null;
  const alone = item.values.map((value) => matchesAny(rule, { ...item, values: [value] }, vocabulary));
  const texts = item.values.map((value) => `'${textOf(value)}'`);
  if (item.link === 'and' && alone.every(Boolean)) {
    return {
      status: 'correlate',
      why: `no record holds ${texts.join(' and ')} at once; this needs a correlation`,
    };
  }
  return { status: 'prose', why: `${texts.join(', ')}: no value that ${item.field ?? ''} is known to have` };
}

/** Whether the item's values are texts of its own: absence, other fields and the tenant's values are always possible. */
function isPlain(item: Item): boolean {
  return item.values.every((value) => {
    if (value.kind === 'regex') return true;
    return value.kind === 'pattern' && value.parts.every(isWritten) && value.parts.length > 0;
  });
}

function isWritten(part: unknown): boolean {
  return typeof part === 'string' || (typeof part === 'object' && part !== null && 'wild' in part);
}

/** Asks the engine itself, so that wildcards, case and regular expressions mean here what they mean later. */
function matchesAny(rule: SigmaRule, item: Item, vocabulary: ReadonlySet<string>): boolean {
  const selection: Selection = { kind: 'item', item: { ...item, field: TRIED } };
  const only: SigmaRule = {
    ...rule,
    detection: {
      selections: new Map([[TRIED, selection]]),
      condition: { kind: 'selection', name: TRIED },
    },
  };
  const compiled = compileRule(only);
  return [...vocabulary].some((word) => compiled.match({ [TRIED]: word }));
}

/** The text of a value without wildcards; null for any other. */
export function literalOf(value: Value): string | null {
  const [only] = value.kind === 'pattern' && value.parts.length === 1 ? value.parts : [];
  return typeof only === 'string' ? only : null;
}

function textOf(value: Value, wildcard?: string): string {
  if (value.kind === 'regex') return value.source;
  if (value.kind !== 'pattern') return '';
  const text = (part: (typeof value.parts)[number]): string => {
    if (typeof part === 'string') return part;
    return 'wild' in part ? (wildcard ?? part.wild) : '';
  };
  return value.parts.map(text).join('');
}
