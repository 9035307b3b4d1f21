import {
  compileRule,
  placeholdersOf,
  SigmaError,
  type Selection,
  type SigmaRule,
} from '../../sigma/index.ts';
import { mappingOf, type MappedField, type SourceMapping } from './mapping.ts';
import { literalOf, unknownValues, whyImpossible } from './possible.ts';

/** What an imported rule is good for; from `no_source` on it cannot work. */
export const RULE_STATUSES = [
  'works',
  'beta',
  'placeholder',
  'no_source',
  'state',
  'unmapped',
  'prose',
  'correlate',
  'unsupported',
] as const;
export type RuleStatus = (typeof RULE_STATUSES)[number];

/** Statuses of rules that are run. */
const RUNNING: ReadonlySet<RuleStatus> = new Set(['works', 'beta', 'placeholder']);

export interface Verdict {
  readonly status: RuleStatus;
  /** A clause, English; empty when there is nothing to say. */
  readonly why: string;
  /** Names of the lists that the tenant must give. */
  readonly placeholders: readonly string[];
  /** Whether a property that it reads is in beta only. */
  readonly beta: boolean;
  /** Whether it takes more than other names for fields. */
  readonly projected: boolean;
  readonly mapping: SourceMapping | null;
}

export interface JudgeOptions {
  /** Takes values that are on no list of Microsoft's as the author's knowledge: our lists may be older than the rule. */
  readonly trustValues?: boolean;
}

/** Whether rules of that verdict are run at all. */
export function isRunning(status: RuleStatus): boolean {
  return RUNNING.has(status);
}

/** Says what a rule in Sigma's own field names can do on Graph's records. Never throws. */
export function judgeRule(rule: SigmaRule, options: JudgeOptions = {}): Verdict {
  const mapping = rule.logsource === null ? null : mappingOf(rule.logsource);
  const base = { placeholders: [], beta: false, projected: false, mapping };
  const cannot = (status: RuleStatus, why: string): Verdict => ({ ...base, status, why });
  const refused = whyUnsupported(rule);
  if (refused !== null) return cannot('unsupported', refused);
  if (mapping === null) return cannot('no_source', `Graph has no records of ${logsourceText(rule)}`);
  if (mapping.cannot !== null) return cannot(mapping.cannot.status, whyNoRecords(rule, mapping.cannot.why));
  const fields = readFields(rule);
  if (typeof fields === 'string') return cannot('unsupported', fields);
  const unmapped = fields.filter((name) => name !== '*' && mapping.field(name) === null);
  if (unmapped.length > 0)
    return cannot('unmapped', `Graph has no field ${unmapped.join(', ')} in ${mapping.name}`);
  const mapped = fields.map((name) => mapping.field(name)).filter((one) => one !== null);
  const impossible =
    options.trustValues === true ? null : (whyImpossible(rule, mapping) ?? whyPair(rule, mapping));
  if (impossible !== null) return cannot(impossible.status, impossible.why);
  return workable(rule, mapping, mapped, options);
}

function workable(
  rule: SigmaRule,
  mapping: SourceMapping,
  mapped: readonly MappedField[],
  options: JudgeOptions,
): Verdict {
  const placeholders = placeholdersOf(rule);
  const beta = mapped.some((one) => one.beta);
  const base = { placeholders, beta, projected: mapped.some((one) => one.projected), mapping };
  const unknown = options.trustValues === true ? [] : unknownValues(rule, mapping);
  const notes = [
    placeholders.length > 0 ? `needs ${placeholders.map((name) => `%${name}%`).join(', ')}` : '',
    beta ? 'reads what only beta shows' : '',
    unknown.length > 0 ? `never matches ${unknown.map((text) => `'${text}'`).join(', ')}` : '',
  ].filter((note) => note !== '');
  const status = placeholders.length > 0 ? 'placeholder' : beta ? 'beta' : 'works';
  return { ...base, status, why: notes.join('; ') };
}

function whyUnsupported(rule: SigmaRule): string | null {
  if (rule.status === 'deprecated' || rule.status === 'unsupported')
    return `its authors call it ${rule.status}`;
  if (rule.detection === null) return 'it has no detection';
  if (rule.id === null) return 'it has no id; give it a UUID of its own';
  if ([...rule.detection.selections.values()].some(readsElements))
    return 'it looks into lists by element, and the mapping gives their values only';
  return null;
}

function readsElements(selection: Selection): boolean {
  if (selection.kind === 'elements') return true;
  return selection.kind === 'item' ? selection.item.steps !== undefined : selection.of.some(readsElements);
}

function readFields(rule: SigmaRule): readonly string[] | string {
  try {
    // Any value will do: the fields do not depend on it.
    const any = new Map(placeholdersOf(rule).map((name) => [name, [name]]));
    return compileRule(rule, { placeholders: any }).fields;
  } catch (error) {
    if (!(error instanceof SigmaError)) throw error;
    return error.problems[0]?.message ?? 'it cannot be compiled';
  }
}

function logsourceText(rule: SigmaRule): string {
  const { product, category, service } = rule.logsource ?? {};
  return [product, category, service].filter((part) => part != null).join('/');
}

/** Rules about Entra ID have stood under the log source of Azure's resources. */
function whyNoRecords(rule: SigmaRule, why: string): string {
  const audits = mappingOf({ product: 'azure', service: 'auditlogs' });
  const activity = audits?.field('ActivityDisplayName')?.vocabulary ?? new Set();
  const known = new Set([...activity].map((word) => word.toLowerCase()));
  const own = textsOf(rule).some((text) => known.has(text.toLowerCase()));
  return own
    ? `${why}; the activities are of directory audits: correct the rule's log source to auditlogs`
    : why;
}

function textsOf(rule: SigmaRule, wanted: (field: string | null) => boolean = () => true): string[] {
  const texts: string[] = [];
  const visit = (selection: Selection): void => {
    if (selection.kind === 'elements') return;
    if (selection.kind !== 'item') return selection.of.forEach(visit);
    if (!wanted(selection.item.field)) return;
    for (const value of selection.item.values) {
      const text = literalOf(value);
      if (text !== null) texts.push(text);
    }
  };
  for (const selection of rule.detection?.selections.values() ?? []) visit(selection);
  return texts;
}

/** "… created and deleted" is two records in order; a rule that takes either fires on each of them. */
const BOTH = /\b(?:add|creat)\w*\s+and\s+(?:delet|remov)\w*/i;
const MADE = /^(?:add|create)\s+/i;
const UNMADE = /^(?:delete|remove)\s+/i;

function whyPair(rule: SigmaRule, mapping: SourceMapping): { status: 'correlate'; why: string } | null {
  if (!BOTH.test(rule.title)) return null;
  const texts = textsOf(rule, (field) => field !== null && mapping.field(field)?.vocabulary != null);
  const made = texts.filter((text) => MADE.test(text)).map((text) => text.replace(MADE, '').toLowerCase());
  const pair = texts.find(
    (text) => UNMADE.test(text) && made.includes(text.replace(UNMADE, '').toLowerCase()),
  );
  if (pair === undefined) return null;
  return {
    status: 'correlate',
    why: 'its title asks for both activities in order, and it fires on each alone; this needs a correlation',
  };
}
