import type { AssessmentState } from '../model/outcome.ts';
import { logSources, type Origin } from '../records/index.ts';
import type { Assessment } from '../store/assessments.ts';
import { currentCapabilities } from '../store/capabilities.ts';
import { latestOrigin } from '../store/context.ts';
import type { Db } from '../store/database.ts';
import { readStates, type SourceReads } from '../store/read-states.ts';
import type { Catalogue, Detection, Part } from './catalogue.ts';
import { rulesUnder } from './link-parts.ts';
import type { Plan } from './plan.ts';

/** Why a part was not evaluated: a source or a field, and a word of a closed list (a skip reason among them). */
export interface Missing {
  readonly without: string;
  readonly why: string;
}

/** What one tenant lets us see. */
export interface Sight {
  /** Source name to why it is not read; sources that are read are not in it. */
  readonly unread: ReadonlyMap<string, string>;
  /** Fields of the rules that the tenant's present origins do not carry, by part id. */
  readonly fields: ReadonlyMap<string, readonly Missing[]>;
  readonly reads: ReadonlyMap<string, SourceReads>;
  /** Sources that are read in part; absent = none. */
  readonly partly?: ReadonlySet<string>;
  /** By source that is not read while another one stands in for it: what that one lacks, by part id. */
  readonly standIns: ReadonlyMap<string, ReadonlyMap<string, readonly Missing[]>>;
}

/** Reads what every source of the catalogue can do in this tenant now. */
export async function lookAround(db: Db, catalogue: Catalogue, tenantId: string, plan: Plan): Promise<Sight> {
  const capabilities = await currentCapabilities(db, tenantId);
  const unread = new Map<string, string>();
  const partly = new Set<string>();
  const reads = new Map<string, SourceReads>();
  const sources = catalogue.detections.flatMap((one) => one.sources);
  for (const source of new Set([...sources, 'users'])) {
    const capability = capabilities.get(`source:${source}`);
    // What is read in part is read: what its records lack is told by their fields.
    const off = capability?.state === 'off';
    if (off) unread.set(source, capability.reason ?? 'off');
    // What v1.0 of sign-ins lacks is told by the fields that rules read.
    if (capability?.state === 'reduced' && capability.reason !== 'poorer_api') partly.add(source);
    if (isLog(source)) continue;
    const states = await readStates(db, tenantId, source);
    reads.set(source, states);
    const everRead = [...states.values()].some((state) => state.okAt !== null);
    if (!everRead && !off) unread.set(source, 'not_read_yet');
  }
  const standIns = standInsFor(unread, capabilities, plan);
  return { unread, partly, reads, standIns, fields: await missingFields(db, tenantId, plan) };
}

/** What takes the place of sources that cannot be read, where it is read itself. */
function standInsFor(
  unread: ReadonlyMap<string, string>,
  capabilities: ReadonlyMap<string, { readonly state: string }>,
  plan: Plan,
): Sight['standIns'] {
  const standIns = new Map<string, ReadonlyMap<string, readonly Missing[]>>();
  for (const { standsIn, origins } of logSources.values()) {
    if (standsIn === undefined || !unread.has(standsIn.forSource)) continue;
    if (!isRead(capabilities.get(`source:${standsIn.bySource}`))) continue;
    const richest = richestOf(origins);
    if (richest !== undefined) standIns.set(standsIn.forSource, lacking(plan, richest.name));
  }
  return standIns;
}

function isRead(capability: { readonly state: string } | undefined): boolean {
  return capability !== undefined && capability.state !== 'off';
}

/** Events are read in windows and have no reads of their own. */
function isLog(source: string): boolean {
  return [...logSources].some(([feed, { broughtBy }]) => (broughtBy ?? [feed]).includes(source));
}

function richestOf(origins: Readonly<Record<string, Origin>>): Origin | undefined {
  return Object.values(origins).sort((a, b) => b.rank - a.rank)[0];
}

/** By part id: the fields that records of an origin lack. */
function lacking(plan: Plan, origin: string): Map<string, readonly Missing[]> {
  return new Map(
    plan
      .of(origin)
      .skipped.map(({ part, without }) => [
        part.id,
        without.map(({ field, why }) => ({ without: field, why })),
      ]),
  );
}

/** Fields are judged by the newest record of each feed; before the first, by the richest origin that it may have. */
async function missingFields(db: Db, tenantId: string, plan: Plan): Promise<Map<string, readonly Missing[]>> {
  const missing = new Map<string, readonly Missing[]>();
  for (const [feed, source] of logSources) {
    // Whoever stands in for another feed is judged where that one is not read.
    if (source.standsIn !== undefined) continue;
    const origin = (await latestOrigin(db, tenantId, feed)) ?? richestOf(source.origins)?.name;
    if (origin === undefined) continue;
    for (const [part, list] of lacking(plan, origin)) missing.set(part, list);
  }
  return missing;
}

/** Full when every part can be evaluated on its own source, off when none can be evaluated at all, reduced otherwise. */
export function assess(detection: Detection, sight: Sight): Assessment {
  // What only feeds a correlation says nothing by itself.
  const parts = detection.parts.filter((part) => !part.quiet);
  const views = parts.map((part) => viewOf(part, detection.parts, sight));
  const missing = views.flatMap((view) => view.missing);
  const replaced = parts.flatMap((part) => [...replacedOf(part, sight), ...partlyOf(part, sight)]);
  const blind = views.filter((view) => view.blind).length;
  const full = missing.length === 0 && replaced.length === 0;
  const state: AssessmentState = full ? 'full' : blind === parts.length ? 'off' : 'reduced';
  const distinct = new Map([...replaced, ...missing].map((one) => [one.without, one]));
  const reason = distinct.size === 0 ? null : JSON.stringify([...distinct.values()]);
  return { detectionId: detection.id, state, reason };
}

/** Types that go on counting what is left when one of their rules cannot be evaluated. */
const COUNTING: readonly string[] = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_percentile',
  'value_median',
];

interface View {
  readonly missing: readonly Missing[];
  /** Nothing can be evaluated. */
  readonly blind: boolean;
}

/** A correlation sees what the rules under it see: all of them where it asks for all, else what any of them does. */
function viewOf(part: Part, parts: readonly Part[], sight: Sight): View {
  const own = missingOf(part, sight);
  const linked = part.correlation;
  if (linked === null) return { missing: own, blind: own.length > 0 };
  const rules = rulesUnder(part, parts).map((rule) => missingOf(rule, sight));
  const missing = [...new Map([...rules.flat(), ...own].map((one) => [one.without, one])).values()];
  // Of its own it lacks fields that it counts; what is not read is what its rules lack.
  const starved = own.some(({ without }) => !part.sources.includes(without));
  const some = COUNTING.includes(linked.correlation.type) && rules.some((list) => list.length === 0);
  return { missing, blind: missing.length > 0 && (starved || !some) };
}

/** Empty when the part can be evaluated. */
export function missingOf(part: Part, sight: Sight): Missing[] {
  const unread = part.sources.flatMap((source) => {
    const why = sight.unread.get(source);
    return why === undefined ? [] : [{ without: source, why }];
  });
  const standIn = unread.map(({ without }) => sight.standIns.get(without)).find((one) => one !== undefined);
  if (standIn === undefined) return [...unread, ...(sight.fields.get(part.id) ?? [])];
  const lacks = standIn.get(part.id) ?? [];
  // What the stand-in lacks is missing because the source itself is: both are said.
  return lacks.length > 0
    ? [...unread, ...lacks]
    : unread.filter(({ without }) => !sight.standIns.has(without));
}

/** Sources of a part that bring less than they could. */
function partlyOf(part: Part, sight: Sight): Missing[] {
  return part.sources
    .filter((source) => sight.partly?.has(source) === true)
    .map((source) => ({ without: source, why: 'in_part' }));
}

/** Sources of a part in whose place another one is read. */
function replacedOf(part: Part, sight: Sight): Missing[] {
  return part.sources
    .filter((source) => sight.standIns.has(source))
    .map((source) => ({ without: source, why: 'stand_in' }));
}
