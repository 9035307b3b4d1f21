import type { CompiledRule } from '../matching/compile.ts';
import type { CompiledFilter, JudgeOptions } from '../matching/compiled-filter.ts';
import { isInForce } from '../matching/compiled-filter.ts';
import { EventView } from './event-view.ts';
import type { RuleJudgement } from './rule-index.ts';
import type { SlotTest } from './slot-tests.ts';
import { SlotCompiler, slotFields } from './slot-tests.ts';
import type { Place, SoughtText } from './text-finder.ts';
import { TextFinder } from './text-finder.ts';
import { rarityIn } from './witness-rarity.ts';
import type { Need, Rarity, Witness } from './witness.ts';
import { needsOf, shareOf } from './witness.ts';

/** Of a longer text a part is looked for: that many units tell texts apart, and tables stay small. */
const MAX_SOUGHT = 24;

/** A rule that is a candidate this seldom needs no further need looked for. */
const RARE = 0.004;

/** Rule × 4 + which of its needs: what a witness meets. */
type Meeting = number;

/** The number of a witness that is looked for, each only once. */
type WitnessId = number;

/** What is looked for in one field, or among all leaves. */
interface Sought {
  presence: WitnessId | null;
  readonly whole: Map<string, WitnessId>;
  /** 1 where a whole text has that length. */
  lengths: Uint8Array;
  readonly texts: Map<string, SoughtText>;
  finder: TextFinder | null;
}

/** A rule's tests over the view. */
interface RuleTests {
  readonly rule: CompiledRule;
  readonly condition: SlotTest;
  readonly filters: readonly FilterTest[];
}

interface FilterTest {
  readonly filter: CompiledFilter;
  readonly passes: SlotTest;
}

/** The rules of one log source. */
export class SourceIndex {
  readonly view: EventView;
  readonly open: number;
  readonly never: number;
  readonly fields: number;
  readonly #rules: readonly CompiledRule[];
  readonly #always: readonly number[];
  /** By slot; null where a field is only read by rules. */
  readonly #slots: readonly (Sought | null)[];
  readonly #tests: readonly RuleTests[];
  readonly #anywhere: Sought | null;
  readonly #meetings: Meetings;
  /** A bit for each need of a rule. */
  readonly #needed: Uint8Array;
  /** By rule: the event (its tick) that it was last met by × 8 + the bits of the needs that it has not met. */
  readonly #missing: Float64Array;
  readonly #found: number[] = [];
  readonly #listed: CompiledRule[] = [];
  #tick = 0;

  constructor(rules: readonly CompiledRule[]) {
    this.#rules = rules;
    this.#missing = new Float64Array(rules.length);
    const needs = extract(rules);
    this.#needed = Uint8Array.from(needs, ({ length }) => (1 << length) - 1);
    this.#always = [...rules.keys()].filter((rule) => needs[rule]?.length === 0);
    this.open = this.#always.length;
    this.never = needs.filter((all) => all.some((need) => need.length === 0)).length;
    const { fields, anywhere, meetings } = seek(needs);
    this.fields = fields.size;
    this.#meetings = meetings;
    this.#anywhere = anywhere;
    const conditions = rules.flatMap((rule) => [rule.condition, ...rule.filters.map((f) => f.condition)]);
    this.view = new EventView([...fields.keys(), ...slotFields(conditions)]);
    this.#slots = this.view.fields.map((field) => fields.get(field) ?? null);
    const found = {
      numberOf: (field: string | null, text: string): number | null =>
        (field === null ? anywhere : fields.get(field))?.texts.get(keyOf(text, 'infix'))?.id ?? null,
      has: (witness: WitnessId): boolean => meetings.ticks[witness] === this.#tick,
    };
    this.#tests = compileTests(rules, new SlotCompiler(this.view, conditions, found));
  }

  get texts(): number {
    return this.#soughts().reduce((sum, { whole, texts }) => sum + whole.size + texts.size, 0);
  }

  get bytes(): number {
    return this.#soughts().reduce((sum, { finder }) => sum + (finder?.size ?? 0), 0);
  }

  candidates(event: object): readonly CompiledRule[] {
    const listed = this.#listed;
    listed.length = 0;
    for (const rule of this.#find(event)) listed.push(this.#rules[rule] as CompiledRule);
    return listed;
  }

  matches(event: object, options: JudgeOptions): readonly CompiledRule[] {
    const listed = this.#listed;
    listed.length = 0;
    for (const ordinal of this.#find(event)) {
      const { rule, condition, filters } = this.#tests[ordinal] as RuleTests;
      if (condition(this.view) && (filters.length === 0 || this.#against(filters, options).length === 0))
        listed.push(rule);
    }
    return listed;
  }

  judge(event: object, options: JudgeOptions): RuleJudgement[] {
    const judged: RuleJudgement[] = [];
    for (const ordinal of this.#find(event)) {
      const { rule, condition, filters } = this.#tests[ordinal] as RuleTests;
      if (!condition(this.view)) continue;
      const excludedBy = this.#against(filters, options).map(({ filter }) => filter.key);
      judged.push({ rule, matched: excludedBy.length === 0, excludedBy });
    }
    return judged;
  }

  #against(filters: readonly FilterTest[], options: JudgeOptions): readonly FilterTest[] {
    return filters.filter(({ filter, passes }) => isInForce(filter.filter, options) && !passes(this.view));
  }

  /** Ordinals of the candidates, in order. */
  #find(event: object): readonly number[] {
    const { view } = this;
    this.#tick++;
    this.#found.length = 0;
    for (let i = 0; i < this.#always.length; i++) this.#found.push(this.#always[i] as number);
    view.reset(event);
    for (let i = 0; i < view.presentCount; i++) {
      const slot = view.presentAt(i);
      const sought = this.#slots[slot] as Sought | null;
      if (sought !== null) this.#look(sought, slot);
    }
    if (this.#anywhere !== null) this.#search(this.#anywhere, view.folded(view.everywhere));
    return this.#found.sort(ascending);
  }

  #look(sought: Sought, slot: number): void {
    if (sought.presence !== null) this.#meet(sought.presence);
    if (sought.whole.size === 0 && sought.finder === null) return;
    const texts = this.view.folded(slot);
    if (sought.whole.size > 0) {
      for (const text of texts) {
        // Most texts are told apart by their length, before a map would hash all of them.
        if (sought.lengths[text.length] !== 1) continue;
        const witness = sought.whole.get(text);
        if (witness !== undefined) this.#meet(witness);
      }
    }
    this.#search(sought, texts);
  }

  #search({ finder }: Sought, texts: readonly string[]): void {
    if (finder !== null) for (const text of texts) finder.search(text, this.#meet);
  }

  readonly #meet = (witness: WitnessId): void => {
    const { starts, flat, ticks } = this.#meetings;
    const tick = this.#tick;
    if (ticks[witness] === tick) return;
    ticks[witness] = tick;
    const missing = this.#missing;
    const end = starts[witness + 1] as number;
    for (let i = starts[witness] as number; i < end; i++) {
      const meeting = flat[i] as Meeting;
      const rule = meeting >> 2;
      const known = (missing[rule] as number) - tick * 8;
      const before = known >= 0 ? known : (this.#needed[rule] as number);
      const left = before & ~(1 << (meeting & 3));
      missing[rule] = tick * 8 + left;
      if (left === 0 && before !== 0) this.#found.push(rule);
    }
  };

  #soughts(): readonly Sought[] {
    return [...this.#slots, this.#anywhere].filter((one) => one !== null);
  }
}

function compileTests(rules: readonly CompiledRule[], compiler: SlotCompiler): RuleTests[] {
  return rules.map((rule) => ({
    rule,
    condition: compiler.condition(rule.condition),
    filters: rule.filters.map((filter) => ({ filter, passes: compiler.condition(filter.condition) })),
  }));
}

function ascending(a: number, b: number): number {
  return a - b;
}

/** Twice: how common a text is among the rules is only known after the first time. */
function extract(rules: readonly CompiledRule[]): Need[][] {
  const { observe, judge } = rarityIn();
  for (const rule of rules) needsOf(rule.detection, observe(rule));
  return rules.map((rule) => worthwhile(needsOf(rule.detection, judge), judge));
}

/** The rarest needs, until together they are met seldom enough. */
function worthwhile(needs: readonly Need[], rarity: Rarity): Need[] {
  const kept: Need[] = [];
  let share = 1;
  for (const { need, own } of needs.map((one) => ({ need: one, own: shareOf(one, rarity) })).sort(byOwn)) {
    if (share < RARE) break;
    kept.push(need);
    share *= own;
  }
  return kept;
}

function byOwn(a: { readonly own: number }, b: { readonly own: number }): number {
  return a.own - b.own;
}

/** What each witness meets, flat: `flat[starts[id] … starts[id + 1]]`. `ticks` = when it was last found. */
interface Meetings {
  readonly starts: Int32Array;
  readonly flat: Int32Array;
  readonly ticks: Float64Array;
}

function seek(needs: readonly (readonly Need[])[]): {
  fields: Map<string, Sought>;
  anywhere: Sought | null;
  meetings: Meetings;
} {
  const fields = new Map<string, Sought>();
  const anywhere = newSought();
  const meets: Meeting[][] = [];
  needs.forEach((all, rule) => {
    all.forEach((need, i) => {
      for (const witness of need) {
        const id = addWitness(soughtFor(fields, anywhere, witness), witness, meets.length);
        add((meets[id] ??= []), rule * 4 + i);
      }
    });
  });
  fields.forEach(finish);
  if (anywhere.texts.size > 0) finish(anywhere);
  return { fields, anywhere: anywhere.texts.size > 0 ? anywhere : null, meetings: flatten(meets) };
}

function flatten(meets: readonly (readonly Meeting[])[]): Meetings {
  const starts = new Int32Array(meets.length + 1);
  meets.forEach((list, id) => (starts[id + 1] = (starts[id] as number) + list.length));
  return { starts, flat: Int32Array.from(meets.flat()), ticks: new Float64Array(meets.length) };
}

function soughtFor(fields: Map<string, Sought>, anywhere: Sought, { field }: Witness): Sought {
  if (field === null) return anywhere;
  const known = fields.get(field);
  if (known !== undefined) return known;
  const sought = newSought();
  fields.set(field, sought);
  return sought;
}

function newSought(): Sought {
  return { presence: null, whole: new Map(), lengths: new Uint8Array(0), texts: new Map(), finder: null };
}

/** The number of the witness; `next` if it is new. */
function addWitness(sought: Sought, witness: Witness, next: WitnessId): WitnessId {
  if (witness.text === null) return (sought.presence ??= next);
  const { place } = witness;
  if (place === 'whole') {
    const known = sought.whole.get(witness.text) ?? next;
    sought.whole.set(witness.text, known);
    return known;
  }
  const text = partOf(witness.text, place);
  const key = keyOf(text, place);
  const known = sought.texts.get(key) ?? { text, place, id: next };
  sought.texts.set(key, known);
  return known.id;
}

/** A part has the key of the same text as a whole: then it is found exactly where that one is. */
function keyOf(text: string, place: Place): string {
  return `${place} ${text}`;
}

/** What holds the text holds this part of it, at the same end. */
function partOf(text: string, place: Place): string {
  return place === 'suffix' ? text.slice(-MAX_SOUGHT) : text.slice(0, MAX_SOUGHT);
}

/** Needs come in order, so the same one again is the last. */
function add(meets: Meeting[], meeting: Meeting): void {
  if (meets.at(-1) !== meeting) meets.push(meeting);
}

function finish(sought: Sought): void {
  const longest = [...sought.whole.keys()].reduce((most, { length }) => Math.max(most, length), 0);
  sought.lengths = new Uint8Array(longest + 1);
  for (const text of sought.whole.keys()) sought.lengths[text.length] = 1;
  if (sought.texts.size > 0) sought.finder = new TextFinder([...sought.texts.values()]);
}
