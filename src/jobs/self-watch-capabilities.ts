import { collectors, permissionNeeded, type Collector } from '../collectors/index.ts';
import type { Catalogue } from '../detection/catalogue.ts';
import { currentCapabilities, type CapabilityRow } from '../store/capabilities.ts';
import type { Db } from '../store/database.ts';
import type { ProgramFacts } from '../store/program.ts';
import { formerStates } from '../store/program-facts.ts';
import { licensedIn } from './sight-status.ts';
import type { Licensed } from './sight-words.ts';

export type CapabilityFact = ProgramFacts['capabilities'][number];

/** What stands before the colon of a name, and what rules call it. */
const AREAS: Readonly<Record<string, string>> = { role: 'permission' };
/** Titles told of one capability; the number of detections says the rest. */
const MOST_TITLES = 20;

/** What the tenant lets us see, with what it was before and which detections lean on it. */
export async function gatherCapabilities(
  db: Db,
  catalogue: Catalogue,
  tenantId: string,
): Promise<CapabilityFact[]> {
  const known = await currentCapabilities(db, tenantId);
  const former = new Map<string, { state: string; until: number }>();
  for (const row of await formerStates(db, tenantId)) {
    if (row.state === known.get(row.name)?.state) continue;
    if ((former.get(row.name)?.until ?? -1) < row.until) former.set(row.name, row);
  }
  const licensed = licensedIn(known);
  return [...known.values()].map((row) => {
    const users = usersOf(row.name, licensed);
    const titles = titlesOf(catalogue, new Set(users.map(({ source }) => source)));
    return {
      ...factOf(row),
      state_before: former.get(row.name)?.state ?? null,
      needed: users.length > 0 ? 1 : 0,
      detections: titles.length,
      titles: titleList(titles),
    };
  });
}

function factOf({ name, state, reason, from_at: since }: CapabilityRow) {
  const [prefix = name] = name.split(':');
  return { name, area: AREAS[prefix] ?? prefix, state, reason, since };
}

/** Sources that lean on a capability. */
function usersOf(name: string, licensed: Licensed): readonly Collector[] {
  const [prefix, rest = ''] = [name.split(':')[0] ?? '', name.slice(name.indexOf(':') + 1)];
  const byPrefix: Readonly<Record<string, (one: Collector) => boolean>> = {
    licence: (one) => one.needs.licence === rest,
    role: (one) => permissionNeeded(one, licensed) === rest,
    source: (one) => one.source === rest,
    auditing: (one) => one.source.startsWith('audit-'),
    defender: (one) => one.source.startsWith('defender-'),
  };
  const uses = byPrefix[prefix];
  return uses === undefined ? [] : collectors.filter(uses);
}

/** Titles of the detections that read any of the sources. */
export function titlesOf(catalogue: Catalogue, sources: ReadonlySet<string>): string[] {
  return catalogue.detections
    .filter((detection) => detection.sources.some((source) => sources.has(source)))
    .map(plainTitle)
    .sort();
}

/** A title that can stand in a list. */
export function plainTitle({ title }: { readonly title: string }): string {
  return title.replaceAll(';', ',');
}

/** The first of them as one text. */
export function titleList(titles: readonly string[]): string {
  return titles.slice(0, MOST_TITLES).join(TITLE_BREAK);
}

export function titlesIn(list: string): string[] {
  return list === '' ? [] : list.split(TITLE_BREAK);
}

const TITLE_BREAK = '; ';
