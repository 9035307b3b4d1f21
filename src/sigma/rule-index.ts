import type { Place, SoughtText } from './aho-corasick.ts';
import { AhoCorasick } from './aho-corasick.ts';
import type { CompiledRule } from './compile.ts';
import { EventView } from './event-view.ts';
import type { EventLogSource } from './rule-set.ts';
import { RuleSet } from './rule-set.ts';
import { rarityIn } from './witness-rarity.ts';
import type { Need, Rarity, Witness } from './witness.ts';
import { needsOf, shareOf } from './witness.ts';

/** More sets of rules by log source than any caller has; what comes after them is tried rule by rule. */
const MAX_INDEXES = 64;
const MAX_LOG_SOURCES = 1000;

/** Of a longer text a part is looked for: that many units tell texts apart, and tables stay small. */
const MAX_SOUGHT = 24;

/** A rule that is a candidate this seldom needs no further need looked for. */
const RARE = 0.0005;

export interface IndexStats {
  readonly rules: number;
  /** Indexes built so far: one for each different set of rules that a log source has. */
  readonly indexes: number;
  /** Rules, summed over the indexes, that are tried on every event. */
  readonly open: number;
  /** Rules, summed over the indexes, that can never match. */
  readonly never: number;
  /** Fields and texts looked for, summed over the indexes. */
  readonly fields: number;
  readonly texts: number;
  /** Bytes of the automata's tables. */
  readonly bytes: number;
}

/**
 * Rules by what an event must hold for them to match: first by log source as in RuleSet, then by witnesses
 * (witness.ts has the proof that none is lost). Indexes are built when a log source is first asked for.
 */
export class RuleIndex {
  readonly #set: RuleSet;
  readonly #ordinals: ReadonlyMap<CompiledRule, number>;
  readonly #bySource = new Map<string, SourceIndex | null>();
  readonly #byRules = new Map<string, SourceIndex>();

  constructor(rules: readonly CompiledRule[]) {
    this.#set = new RuleSet(rules);
    this.#ordinals = new Map(rules.map((rule, i) => [rule, i]));
  }

  /**
   * The rules that can match the event, in the order given, and some that cannot. The list is reused: it holds until
   * the next call.
   */
  candidates(event: object, logsource: EventLogSource): readonly CompiledRule[] {
    const index = this.#indexOf(logsource);
    return index === null ? this.#set.candidates(logsource) : index.candidates(event);
  }

  /** The event of the last `candidates` call for this log source as its rules read it, or null if it has no index. */
  view(logsource: EventLogSource): EventView | null {
    return this.#indexOf(logsource)?.view ?? null;
  }

  stats(): IndexStats {
    const indexes = [...this.#byRules.values()];
    const sum = (of: (index: SourceIndex) => number): number =>
      indexes.reduce((total, one) => total + of(one), 0);
    return {
      rules: this.#ordinals.size,
      indexes: indexes.length,
      open: sum((index) => index.open),
      never: sum((index) => index.never),
      fields: sum((index) => index.view.fields.length),
      texts: sum((index) => index.texts),
      bytes: sum((index) => index.bytes),
    };
  }

  #indexOf({ product, category, service }: EventLogSource): SourceIndex | null {
    const key = `${product ?? '\0'}\n${category ?? '\0'}\n${service ?? '\0'}`;
    const known = this.#bySource.get(key);
    if (known !== undefined) return known;
    const built = this.#build({
      product: product ?? null,
      category: category ?? null,
      service: service ?? null,
    });
    if (this.#bySource.size < MAX_LOG_SOURCES) this.#bySource.set(key, built);
    return built;
  }

  #build(logsource: EventLogSource): SourceIndex | null {
    const rules = this.#set.candidates(logsource);
    const key = rules.map((rule) => this.#ordinals.get(rule)).join();
    const known = this.#byRules.get(key);
    if (known !== undefined) return known;
    if (this.#byRules.size >= MAX_INDEXES) return null;
    const index = new SourceIndex(rules);
    this.#byRules.set(key, index);
    return index;
  }
}

/** Rule × 4 + which of its needs: what a witness meets. */
type Meeting = number;

/** A text that is looked for, and the needs that it meets. `tick` = when it was last found. */
interface Group {
  readonly meets: Meeting[];
  tick: number;
}

/** What is looked for in one field, or among all leaves. */
interface Sought {
  readonly presence: Meeting[];
  readonly whole: Map<string, Meeting[]>;
  readonly texts: Map<string, { readonly sought: SoughtText; readonly group: Group }>;
  groups: readonly Group[];
  automaton: AhoCorasick | null;
}

/** The rules of one log source. */
class SourceIndex {
  readonly view: EventView;
  readonly open: number;
  readonly never: number;
  readonly #rules: readonly CompiledRule[];
  readonly #always: readonly number[];
  readonly #slots: readonly Sought[];
  readonly #anywhere: Sought | null;
  /** A bit for each need of a rule. */
  readonly #needed: Uint8Array;
  /** The needs that the event has not met yet; stale where the rule's tick is. */
  readonly #missing: Uint8Array;
  readonly #ticks: Float64Array;
  readonly #found: number[] = [];
  readonly #candidates: CompiledRule[] = [];
  #tick = 0;
  #groups: readonly Group[] = [];

  constructor(rules: readonly CompiledRule[]) {
    this.#rules = rules;
    this.#ticks = new Float64Array(rules.length);
    this.#missing = new Uint8Array(rules.length);
    const needs = extract(rules);
    this.#needed = Uint8Array.from(needs, ({ length }) => (1 << length) - 1);
    const fields = new Map<string, Sought>();
    const anywhere = newSought();
    const always: number[] = [];
    needs.forEach((all, rule) => {
      if (all.length === 0) always.push(rule);
      all.forEach((need, i) => {
        for (const witness of need) addWitness(soughtFor(fields, anywhere, witness), witness, rule * 4 + i);
      });
    });
    this.#always = always;
    this.open = always.length;
    this.never = needs.filter((all) => all.some((need) => need.length === 0)).length;
    this.view = new EventView([...fields.keys()]);
    this.#slots = [...fields.values()].map(finish);
    this.#anywhere = anywhere.texts.size === 0 ? null : finish(anywhere);
  }

  get texts(): number {
    return this.#soughts().reduce((sum, { whole, groups }) => sum + whole.size + groups.length, 0);
  }

  get bytes(): number {
    return this.#soughts().reduce((sum, { automaton }) => sum + (automaton?.size ?? 0), 0);
  }

  candidates(event: object): readonly CompiledRule[] {
    const { view } = this;
    this.#tick++;
    this.#found.length = 0;
    for (let i = 0; i < this.#always.length; i++) this.#found.push(this.#always[i] as number);
    view.reset(event);
    for (let i = 0; i < view.presentCount; i++) {
      const slot = view.presentAt(i);
      this.#look(this.#slots[slot] as Sought, slot);
    }
    if (this.#anywhere !== null) this.#search(this.#anywhere, view.allFolded());
    return this.#inOrder();
  }

  #look(sought: Sought, slot: number): void {
    this.#meet(sought.presence);
    if (sought.whole.size === 0 && sought.automaton === null) return;
    const texts = this.view.folded(slot);
    if (sought.whole.size > 0) {
      for (const text of texts) {
        const meets = sought.whole.get(text);
        if (meets !== undefined) this.#meet(meets);
      }
    }
    this.#search(sought, texts);
  }

  #search({ automaton, groups }: Sought, texts: readonly string[]): void {
    if (automaton === null) return;
    this.#groups = groups;
    for (const text of texts) automaton.search(text, this.#foundGroup);
  }

  readonly #foundGroup = (id: number): void => {
    const group = this.#groups[id] as Group;
    if (group.tick === this.#tick) return;
    group.tick = this.#tick;
    this.#meet(group.meets);
  };

  #meet(meets: readonly Meeting[]): void {
    const tick = this.#tick;
    for (let i = 0; i < meets.length; i++) {
      const meeting = meets[i] as Meeting;
      const rule = meeting >> 2;
      if (this.#ticks[rule] !== tick) {
        this.#ticks[rule] = tick;
        this.#missing[rule] = this.#needed[rule] as number;
      }
      const before = this.#missing[rule] as number;
      const left = before & ~(1 << (meeting & 3));
      this.#missing[rule] = left;
      if (left === 0 && before !== 0) this.#found.push(rule);
    }
  }

  #inOrder(): readonly CompiledRule[] {
    const found = this.#found.sort(ascending);
    const candidates = this.#candidates;
    candidates.length = 0;
    for (let i = 0; i < found.length; i++) candidates.push(this.#rules[found[i] as number] as CompiledRule);
    return candidates;
  }

  #soughts(): readonly Sought[] {
    return this.#anywhere === null ? this.#slots : [...this.#slots, this.#anywhere];
  }
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

function soughtFor(fields: Map<string, Sought>, anywhere: Sought, { field }: Witness): Sought {
  if (field === null) return anywhere;
  const known = fields.get(field);
  if (known !== undefined) return known;
  const sought = newSought();
  fields.set(field, sought);
  return sought;
}

function newSought(): Sought {
  return { presence: [], whole: new Map(), texts: new Map(), groups: [], automaton: null };
}

function addWitness(sought: Sought, witness: Witness, meeting: Meeting): void {
  if (witness.text === null) return add(sought.presence, meeting);
  const { place } = witness;
  const text = place === 'whole' ? witness.text : partOf(witness.text, place);
  if (place === 'whole') {
    const meets = sought.whole.get(text);
    if (meets === undefined) sought.whole.set(text, [meeting]);
    else add(meets, meeting);
    return;
  }
  const key = `${place} ${text}`;
  const known = sought.texts.get(key);
  if (known !== undefined) return add(known.group.meets, meeting);
  const id = sought.texts.size;
  sought.texts.set(key, { sought: { text, place, id }, group: { meets: [meeting], tick: 0 } });
}

/** What holds the text holds this part of it, at the same end. */
function partOf(text: string, place: Place): string {
  return place === 'suffix' ? text.slice(-MAX_SOUGHT) : text.slice(0, MAX_SOUGHT);
}

/** Needs come in order, so the same one again is the last. */
function add(meets: Meeting[], meeting: Meeting): void {
  if (meets.at(-1) !== meeting) meets.push(meeting);
}

function finish(sought: Sought): Sought {
  const texts = [...sought.texts.values()];
  sought.texts.clear();
  sought.groups = texts.map(({ group }) => group);
  if (texts.length > 0) sought.automaton = new AhoCorasick(texts.map((one) => one.sought));
  return sought;
}
