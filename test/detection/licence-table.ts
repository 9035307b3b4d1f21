import { collectors, permissionNeeded, sightWith } from '../../src/collectors/index.ts';
import { makeTenant } from '../../src/detection/case-tenant.ts';
import { assess, lookAround } from '../../src/detection/assess.ts';
import { loadCatalogue, type Catalogue } from '../../src/detection/catalogue.ts';
import { Enricher } from '../../src/detection/enrich.ts';
import { Plan } from '../../src/detection/plan.ts';
import { detectionWords, sourceWords, type Licensed } from '../../src/jobs/sight-words.ts';
import type { Licence } from '../../src/model/licence.ts';
import { saveCapabilities, type CapabilityState } from '../../src/store/capabilities.ts';
import type { Database } from '../../src/store/database.ts';
import { saveReads } from '../../src/store/reads.ts';

export type EntraLicence = 'none' | 'P1' | 'P2';

/** Licences of Entra ID that each holds; what else can be bought is held in every row, so that only Entra's shows. */
const HELD: Readonly<Record<EntraLicence, readonly Licence[]>> = { none: [], P1: ['p1'], P2: ['p1', 'p2'] };
const ENTRA: ReadonlySet<Licence> = new Set(['p1', 'p2']);
export const LICENCES = Object.keys(HELD) as EntraLicence[];

export function licensedWith(licence: EntraLicence): Licensed {
  return (one) => !ENTRA.has(one) || HELD[licence].includes(one);
}

/** Every permission that some source needs under one of the licences. */
export function permissions(): string[] {
  const needed = LICENCES.flatMap((licence) =>
    collectors.map((collector) => permissionNeeded(collector, licensedWith(licence))),
  );
  return [...new Set(needed)].filter((permission) => permission !== '').sort();
}

/** One line of the table: what is not full. */
export interface Line {
  readonly name: string;
  readonly state: 'full' | 'reduced' | 'off';
  readonly text: string;
}

export interface Row {
  readonly licence: EntraLicence;
  /** Null: everything is granted. */
  readonly missing: string | null;
  readonly sources: readonly Line[];
  readonly detections: readonly Line[];
}

const AT = Date.UTC(2026, 10, 16);

/** What each source and detection can do with a licence and all permissions but one, by the code that assesses a tenant. */
export async function assessRow(
  database: Database,
  catalogue: Catalogue,
  licence: EntraLicence,
  missing: string | null,
): Promise<Row> {
  const licensed = licensedWith(licence);
  const granted = permissions().filter((permission) => permission !== missing);
  const tenantId = `${licence}/${missing ?? 'all'}`;
  const tenant = {
    name: tenantId,
    written_from: 'simulator',
    capability: {},
    reads: [],
    records: [],
    line: 1,
  };
  await makeTenant(database, tenantId, { ...tenant, tenant: { allowed_countries: ['DE'] } }, AT);
  const found = new Map<string, CapabilityState>();
  const sources: Line[] = [];
  for (const collector of collectors) {
    const { state, reason } = sightWith(collector, licensed, granted);
    found.set(`source:${collector.source}`, { state, reason, detail: null });
    const text = reason === null ? '' : sourceWords(collector.source, reason, licensed);
    sources.push({ name: collector.source, state, text });
  }
  await database.transaction(async (tx) => {
    await saveCapabilities(tx, tenantId, found, AT);
    const read = [...found].filter(([, { state }]) => state !== 'off').map(([name]) => name.slice(7));
    await saveReads(
      tx,
      [...read, 'program'].map((source) => readOf(tenantId, source)),
    );
  });
  const enricher = await Enricher.open(database.db, tenantId);
  const plan = new Plan(catalogue, (field) => enricher.missing(field), enricher.placeholders);
  const sight = await lookAround(database.db, catalogue, tenantId, plan);
  const detections = catalogue.detections.map((detection): Line => {
    const { state, reason } = assess(detection, sight);
    const own = detection.reduced.find(({ without }) => reason?.includes(`"${without}"`) === true);
    const words = state === 'full' ? '' : detectionWords(reason, licensed);
    // What is left is said of what is left.
    const left = state === 'reduced' ? own?.text['en'] : undefined;
    const text = left === undefined ? words : `${words} (${left})`;
    return { name: `${detection.catalogue} ${detection.title}`, state, text };
  });
  return { licence, missing, sources, detections };
}

function readOf(tenantId: string, source: string) {
  return {
    ...{ tenant_id: tenantId, source, read_id: `${source}-1`, scope: '*', status: 'ok', reason: null },
    ...{ capability: 'full', records: 0, started_at: AT, finished_at: AT },
  };
}

/** All rows: each licence with everything granted, and with each permission missing. */
export async function assessAll(database: Database): Promise<Row[]> {
  const catalogue = await loadCatalogue();
  const rows: Row[] = [];
  for (const licence of LICENCES) {
    for (const missing of [null, ...permissions()])
      rows.push(await assessRow(database, catalogue, licence, missing));
  }
  return rows;
}

/** The table as a page: each licence whole, then what each missing permission changes. */
export function tablePage(rows: readonly Row[]): string {
  const parts = [
    '# What a licence and a missing permission leave',
    '',
    '<!-- Written by `node test/detection/write-licence-table.ts`; test/detection/licence-table.test.ts compares. -->',
    '',
    'With every other licence held, countries configured, and the searches of the audit log not granted. What is not named is full.',
  ];
  for (const licence of LICENCES) {
    const own = rows.filter((row) => row.licence === licence);
    const whole = own.find((row) => row.missing === null);
    if (whole === undefined) continue;
    parts.push(
      '',
      `## Entra ID ${licence === 'none' ? 'without P1 or P2' : licence}, everything granted`,
      '',
    );
    parts.push(...linesOf('source', whole.sources), ...linesOf('detection', whole.detections));
    for (const row of own.filter((one) => one.missing !== null)) {
      parts.push('', `### Entra ID ${licence}, without ${row.missing ?? ''}`, '');
      const changed = [
        ...linesOf('source', differing(row.sources, whole.sources)),
        ...linesOf('detection', differing(row.detections, whole.detections)),
      ];
      parts.push(...(changed.length === 0 ? ['Nothing changes.'] : changed));
    }
  }
  return `${parts.join('\n')}\n`;
}

function differing(lines: readonly Line[], whole: readonly Line[]): Line[] {
  const before = new Map(whole.map((line) => [line.name, line]));
  return lines.filter((line) => {
    const other = before.get(line.name);
    return other?.state !== line.state || other.text !== line.text;
  });
}

function linesOf(what: string, lines: readonly Line[]): string[] {
  return lines
    .filter((line) => line.state !== 'full')
    .map((line) => `- ${what} **${line.name}** ${line.state}: ${line.text}`);
}
