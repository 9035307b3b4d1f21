import { Random } from '../../bench/random.ts';
import type { Condition, Detection, Selection, Value } from '../../../src/sigma/language/ast.ts';
import type { CompiledRule, LinkedCorrelation, ParsedFile, SigmaProblem } from '../../../src/sigma/index.ts';
import {
  compileRule,
  CorrelationEngine,
  explainRule,
  extractHits,
  linkCorrelations,
  linkRules,
  parseRules,
  RuleIndex,
  RuleSet,
  runCase,
  SigmaError,
} from '../../../src/sigma/index.ts';
import { meter } from '../../../src/sigma/matching/meter.ts';
import { MAX_REFERENCES } from '../../../src/sigma/matching/reference.ts';
import { makeName, ODD_NAMES } from './fuzz-documents.ts';
import { makeEventText } from './fuzz-event.ts';
import { makeText, seedTexts } from './fuzz-text.ts';

/** What the cases of a run came to, so that a run which tries nothing can be told. */
export interface FuzzCounts {
  cases: number;
  rules: number;
  refused: number;
  linked: number;
  matches: number;
  hits: number;
  alerts: number;
  /** Most steps of one rule on one event, as a share of the bound. */
  steps: number;
}

/**
 * Matching takes at most this many steps for each part of the rule and each value and character of the event: a glob
 * looks at a character once for itself and once for each of its segment's parts, an array is entered at most twice.
 */
const STEPS = 2;

const PLACEHOLDERS = new Map([
  ['a', ['*', 'b?', '\ud800', '']],
  ['__proto__', ['polluted']],
]);

/** Case `seed` of the fuzz test and `count - 1` after it. Throws what a case throws, with the seed that repeats it. */
export function fuzz(seed: number, count: number): FuzzCounts {
  const seeds = seedTexts();
  const counts = { cases: 0, rules: 0, refused: 0, linked: 0, matches: 0, hits: 0, alerts: 0, steps: 0 };
  const prototypes = new PrototypeGuard();
  for (let number = seed; number < seed + count; number++) {
    const random = new Random(number);
    const text = makeText(random, seeds);
    const events = Array.from({ length: random.between(1, 4) }, () => makeEventText(random));
    try {
      runOne(random, text, events, counts);
      prototypes.check();
    } catch (cause) {
      const inputs = [text, ...events].map((one) => JSON.stringify(one).slice(0, 3000)).join('\n');
      throw new Error(`fuzz: FUZZ_SEED=${number} repeats it: ${String(cause)}\n${inputs}`, { cause });
    }
    counts.cases++;
  }
  prototypes.checkValues();
  return counts;
}

function runOne(random: Random, text: string, texts: readonly string[], counts: FuzzCounts): void {
  const events = texts.map((one) => freeze(JSON.parse(one) as object));
  const file = parseRules(text, 'fuzz.yml');
  checkProblems(file.problems, text);
  counts.rules += file.rules.length;
  counts.refused += file.problems.some(({ severity }) => severity === 'error') ? 1 : 0;
  const files = random.chance(0.1) ? [file, parseRules(text, 'fuzz.yml')] : [file];
  const linked = linkRules(files, random.chance(0.8) ? { placeholders: PLACEHOLDERS } : {});
  checkProblems(linked.problems, text);
  for (const { rule } of linked.rules) compileAlone(rule, text);
  const index = new RuleIndex(linked.rules);
  for (const event of events) {
    for (const rule of linked.rules) counts.matches += lookAt(rule, event, counts) ? 1 : 0;
    checkIndex(index, linked.rules, event);
  }
  const correlations = linkCorrelations(file.correlations, file.rules);
  checkProblems(correlations.problems, text);
  counts.linked += correlations.correlations.length;
  if (correlations.correlations.length > 0) stream(random, correlations.correlations, events, counts);
  if (random.chance(0.2)) runCases(random, text, file, events);
}

/** Placeholders may be missing here: that, and nothing else, may be thrown. */
function compileAlone(rule: CompiledRule['rule'], text: string): void {
  try {
    compileRule(rule);
  } catch (error) {
    if (!(error instanceof SigmaError)) throw error;
    demand(error.problems.length > 0, 'a SigmaError without a problem');
    checkProblems(error.problems, text);
  }
}

function checkProblems(problems: readonly SigmaProblem[], text: string): void {
  const lines = text.split('\n').length + text.split('\r').length;
  for (const { line, column, message, severity } of problems) {
    demand(Number.isInteger(line) && line >= 1 && line <= lines, `line ${line} of '${message}'`);
    demand(Number.isInteger(column) && column >= 1 && column <= text.length + 1, `column ${column}`);
    demand(message !== '' && (severity === 'error' || severity === 'lint'), 'a problem without a message');
  }
}

function lookAt(rule: CompiledRule, event: object, counts: FuzzCounts): boolean {
  meter.steps = 0;
  const matched = rule.match(event);
  const { steps } = meter;
  const bound = STEPS * sizeOfRule(rule) * sizeOfEvent(event);
  demand(steps <= bound, `${steps} steps, more than ${bound}`);
  counts.steps = Math.max(counts.steps, steps / bound);
  const options = { at: 0, tenant: '__proto__' };
  const judged = rule.judge(event, options);
  demand(rule.judge(event).matched === matched && rule.match(event) === matched, 'another verdict');
  demand(!judged.matched || judged.excludedBy.length === 0, 'matched and excluded');
  demand(explainRule(rule, event, options).matched === judged.matched, 'explained as another verdict');
  return matched;
}

/** The index must find what the rules find one by one, in steps bounded in the same way. */
function checkIndex(index: RuleIndex, rules: readonly CompiledRule[], event: object): void {
  const [first] = rules;
  if (first === undefined) return;
  const logsource = first.rule.logsource ?? {};
  const ofSource = new RuleSet(rules).candidates(logsource);
  const expected = ofSource.filter((rule) => rule.judge(event).matched);
  meter.steps = 0;
  const candidates = [...index.candidates(event, logsource)];
  const matches = [...index.matches(event, logsource)];
  const sizes = rules.map((rule) => sizeOfRule(rule));
  const bound = 2 * STEPS * sizes.reduce((sum, size) => sum + size, 1) * sizeOfEvent(event);
  demand(meter.steps <= bound, `${meter.steps} steps of the index, more than ${bound}`);
  demand(
    expected.every((rule) => candidates.includes(rule)),
    'the index leaves a match out',
  );
  demand(matches.length === expected.length, 'the index has other matches');
  demand(
    expected.every((rule) => matches.includes(rule)),
    'the index matches other rules',
  );
  const judged = index.judge(event, logsource, { at: 0, tenant: 'T1' });
  for (const { rule, ...verdict } of judged) {
    const alone = rule.judge(event, { at: 0, tenant: 'T1' });
    demand(JSON.stringify(verdict) === JSON.stringify(alone), 'the index judges otherwise');
  }
}

function sizeOfRule({ detection, filters }: CompiledRule): number {
  const own = filters.reduce((sum, { filter }) => sum + sizeOfDetection(filter.detection), 0);
  // Filters with placeholders grow by their values, as the rule's own detection has done.
  return sizeOfDetection(detection) + own * [...PLACEHOLDERS.values()].flat().length;
}

/** Parts of a rule that may look at an event, each as often as the condition names it. */
function sizeOfDetection({ condition, selections }: Detection): number {
  const sizes = new Map([...selections].map(([name, selection]) => [name, sizeOfSelection(selection)]));
  const size = (one: Condition): number => {
    if (one.kind === 'selection') return sizes.get(one.name) ?? 0;
    if (one.kind === 'not') return size(one.of);
    return one.kind === 'never' ? 0 : one.of.reduce((sum, part) => sum + size(part), 0);
  };
  return 1 + size(condition);
}

function sizeOfSelection(selection: Selection): number {
  if (selection.kind === 'elements') return 2 + sizeOfDetection(selection.body);
  if (selection.kind !== 'item') return selection.of.reduce((sum, one) => sum + sizeOfSelection(one), 1);
  return 2 + selection.item.values.reduce((sum, value) => sum + sizeOfValue(value), 0);
}

function sizeOfValue(value: Value): number {
  if (value.kind === 'alternatives') return value.of.reduce((sum, one) => sum + sizeOfValue(one), 1);
  if (value.kind === 'fieldref') return 1 + MAX_REFERENCES;
  return value.kind === 'pattern' ? 1 + value.parts.length : 1;
}

/** Values of an event and the characters of their texts; without recursion, for events are deep. */
function sizeOfEvent(event: object): number {
  let size = 0;
  forEachNode(event, (node) => {
    size += typeof node === 'object' ? 1 : 1 + String(node).length;
  });
  return size;
}

/** Nothing that looks at an event may change it. */
function freeze(event: object): object {
  forEachNode(event, Object.freeze);
  return event;
}

function forEachNode(root: unknown, visit: (node: unknown) => void): void {
  const left = [root];
  while (left.length > 0) {
    const node = left.pop();
    visit(node);
    if (typeof node === 'object' && node !== null) for (const value of Object.values(node)) left.push(value);
  }
}

const TENANTS = ['T1', 'T1', 'T2', '__proto__'];
const TIMES = [0, 1, 10_000, 59_999, 60_000, 3_600_000, 86_400_000, -1, 8.64e15];

function stream(
  random: Random,
  links: readonly LinkedCorrelation[],
  events: readonly object[],
  counts: FuzzCounts,
): void {
  const when = random.pick(['closed', 'insert'] as const);
  const caps = random.chance(0.3) ? { maxHits: random.between(1, 5), allowedLatenessMs: 60_000 } : {};
  const engine = new CorrelationEngine(links, { when, ...caps });
  for (let turn = random.between(2, 6); turn > 0; turn--) {
    const tenant = random.pick(TENANTS);
    const event = random.chance(0.1) ? random.pick(ODD_NAMES) : `e${random.below(12)}`;
    const at = random.chance(0.7) ? random.below(120_000) : random.pick(TIMES);
    const act = random.chance(0.3) ? { act: random.pick(['__proto__', 'act']) } : {};
    const identity = { tenant, event, at, source: 's', ...act };
    const record = random.pick(events);
    const hits = links.flatMap((linked) =>
      linked.bases.flatMap(({ key }) => extractHits(linked, key, record, identity).hits),
    );
    counts.hits += hits.length;
    if (random.chance(0.15)) engine.replace(tenant, event, hits);
    else engine.insert(hits);
    if (random.chance(0.5)) {
      const watermark = random.pick([...TIMES, Infinity, -Infinity]);
      const from = random.below(90_000);
      const holes = random.chance(0.2) ? [{ from, to: from + 60_000 }] : [];
      engine.advance(tenant, { watermark, holes });
    }
  }
  checkEngine(engine, links, counts);
}

function checkEngine(
  engine: CorrelationEngine,
  links: readonly LinkedCorrelation[],
  counts: FuzzCounts,
): void {
  for (const { alert, evidence } of engine.alerts()) {
    counts.alerts++;
    demand(alert.start <= alert.end, 'an alert that ends before it starts');
    demand(
      evidence.every(({ tenant }) => tenant === alert.tenant),
      'evidence of another tenant',
    );
  }
  for (const { hits } of engine.drops()) demand(hits > 0, 'a drop of nothing');
  const again = new CorrelationEngine(links);
  again.insert(engine.kept());
  again.seedTerms(engine.termRows());
}

const KEYS = [
  'F',
  '',
  'F|contains',
  'F|re',
  'F|base64offset|contains',
  'F|cidr',
  'F|windash',
  'F|expand',
  'F|x',
  'F|hour',
];

function runCases(
  random: Random,
  text: string,
  { correlations }: ParsedFile,
  events: readonly object[],
): void {
  const value = random.pick<unknown>([...Object.values(random.pick(events)), ...ODD_NAMES]);
  const cases: object[] = [
    { rule: text, tests: events.map((event) => ({ event, match: false })) },
    { rules: text, tests: events.map((event) => ({ event, matched: ['t0'] })) },
    { rules: text, expect: 'reject' },
    { key: random.chance(0.2) ? makeName(random) : random.pick(KEYS), value, expect: value },
    { expect: value, tests: [], rules: value },
  ];
  if (correlations.length > 0) {
    const list = events.map((event, index) => ({ t: index * random.pick([0, 1, -5, 1e9]), event }));
    const options = {
      dedupe_key: makeName(random),
      tenant_key: makeName(random),
      restart_after: 0,
      replay: [0, 9],
    };
    cases.push({ rules: text, events: list, expect: [], ...options });
  }
  for (const one of cases) {
    const { verdict, detail } = runCase({ id: 'fuzz', ...one });
    demand((verdict === 'passed') === (detail === null), `verdict ${verdict} with '${detail ?? ''}'`);
    demand(
      !/call stack|undefined|not a function|not iterable/.test(detail ?? ''),
      `a crash as a failure: ${detail ?? ''}`,
    );
  }
}

function demand(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

const PROTOTYPES = [Object, Array, Function, String, Number, Boolean, Map, Set, RegExp, Error, Promise].map(
  (one) => one.prototype as object,
);

/** What every object inherits must stay as it was. */
class PrototypeGuard {
  readonly #keys = PROTOTYPES.map((one) => Reflect.ownKeys(one));
  readonly #values = PROTOTYPES.map((one) => Object.values(Object.getOwnPropertyDescriptors(one)));

  check(): void {
    PROTOTYPES.forEach((one, index) => {
      const keys = Reflect.ownKeys(one);
      demand(
        keys.length === this.#keys[index]?.length,
        `a prototype has other keys: ${keys.map(String).join()}`,
      );
    });
    demand(!('polluted' in {}), 'an empty object is polluted');
  }

  /** As `check`, and every property's value too. */
  checkValues(): void {
    this.check();
    PROTOTYPES.forEach((one, index) => {
      Object.values(Object.getOwnPropertyDescriptors(one)).forEach((now, at) => {
        const { value, get, set } = this.#values[index]?.[at] ?? {};
        demand(Object.is(now.value, value) && now.get === get && now.set === set, 'a prototype has changed');
      });
    });
  }
}
