import type {
  ConditionExplanation,
  ElementsExplanation,
  Explanation,
  ItemExplanation,
  SelectionExplanation,
  Value,
} from '../sigma/index.ts';

/** Values that are written out on one line. */
const SHOWN = 5;
const YES = '✓';
const NO = '✗';

/** An explanation as lines of text, nested by two blanks. The texts of rule and event are not cleaned. */
export function explanationLines(explanation: Explanation): string[] {
  return [
    ...conditionLines(explanation.condition),
    ...explanation.filters.flatMap((filter) => {
      if (filter.left !== null) return [`- filter ${filter.filter}: not applied (${filter.left})`];
      const lines = conditionLines(filter.condition).map((line) => `  ${line}`);
      return [
        `${mark(filter.passes)} filter ${filter.filter} ${filter.passes ? 'lets it pass' : 'takes it out'}`,
        ...lines,
      ];
    }),
  ];
}

function mark(holds: boolean): string {
  return holds ? YES : NO;
}

function conditionLines(node: ConditionExplanation): string[] {
  switch (node.kind) {
    case 'never':
      return [`${NO} nothing to match: the pattern names no selection`];
    case 'not':
      return [`${mark(node.matched)} not`, ...nested(conditionLines(node.of))];
    case 'selection':
      return [`${mark(node.matched)} ${node.name}`, ...nested(selectionLines(node.of))];
    default:
      return [`${mark(node.matched)} ${node.kind}`, ...nested(node.of.flatMap(conditionLines))];
  }
}

function selectionLines(node: SelectionExplanation): string[] {
  if (node.kind === 'item') return [itemLine(node)];
  if (node.kind === 'elements') return elementsLines(node);
  const word = node.kind === 'all' ? 'all of' : 'one of';
  return [`${mark(node.matched)} ${word}`, ...nested(node.of.flatMap(selectionLines))];
}

function elementsLines(node: ElementsExplanation): string[] {
  const found = node.found === 'elements' ? `${node.holding} of ${node.count} elements hold` : node.found;
  const lines = node.elements.flatMap((element, index) => [
    `element ${index}`,
    ...nested(conditionLines(element)),
  ]);
  return [`${mark(node.matched)} ${node.field}[${node.quantifier}]: ${found}`, ...nested(lines)];
}

function itemLine(item: ItemExplanation): string {
  const wanted = item.values
    .slice(0, SHOWN)
    .map(({ value, holds }) => `${holds ? YES : ''}${valueText(value)}`);
  if (item.values.length > SHOWN) wanted.push(`and ${item.values.length - SHOWN} more`);
  const link = item.link === 'and' ? ' and ' : ' or ';
  const verb = item.negated ? 'is not' : 'is';
  return `${mark(item.matched)} ${item.field ?? 'any value'} ${verb} ${wanted.join(link) || 'null'}; the event has ${actualText(item)}`;
}

function actualText(item: ItemExplanation): string {
  if (item.found === 'absent') return item.field === null ? 'no value' : 'no such field';
  if (item.found === 'null') return 'null';
  if (item.found === 'empty') return 'an empty list';
  const shown = item.actual.slice(0, SHOWN).map((value) => JSON.stringify(value));
  const more = item.more + Math.max(0, item.actual.length - SHOWN);
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

function nested(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

type ValueTexts = { [Kind in Value['kind']]: (value: Extract<Value, { kind: Kind }>) => string };

/** A value in the notation of rules, as near as one line allows. */
const VALUE_TEXTS: ValueTexts = {
  pattern: (value) =>
    JSON.stringify(value.parts.map(partText).join('')) + (value.cased ? ' (case matters)' : ''),
  number: (value) => value.source,
  boolean: (value) => String(value.value),
  null: () => 'null',
  regex: (value) => `/${value.source}/${value.flags}`,
  network: (value) => `in ${addressText(value.address)}/${value.bits}`,
  compare: (value) => `${value.operator} ${value.value}`,
  exists: (value) => (value.value ? 'there' : 'absent'),
  alternatives: (value) => value.of.map(valueText).join(' | '),
  fieldref: (value) => `${value.before ? '*' : ''}the value of ${value.field}${value.after ? '*' : ''}`,
  time: (value) => `${value.part} ${value.operator} ${value.value}`,
};

function valueText<Kind extends Value['kind']>(value: Extract<Value, { kind: Kind }>): string {
  return (VALUE_TEXTS[value.kind] as (one: typeof value) => string)(value);
}

function addressText(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  const words = bytes.flatMap((byte, i) =>
    i % 2 === 0 ? [((byte << 8) | (bytes[i + 1] ?? 0)).toString(16)] : [],
  );
  return words.join(':');
}

type Part = Extract<Value, { kind: 'pattern' }>['parts'][number];

function partText(part: Part): string {
  if (typeof part === 'string') return part.replaceAll(/[\\*?]/g, (character) => `\\${character}`);
  if ('wild' in part) return part.wild;
  return 'oneOf' in part ? '[-/]' : `%${part.placeholder}%`;
}
