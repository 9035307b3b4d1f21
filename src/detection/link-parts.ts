import { linkCorrelations, type ParsedFile, type SigmaProblem } from '../sigma/index.ts';
import { problemAt, type Part } from './catalogue.ts';
import { rearmMs, type MainMap } from './custom-map.ts';

const DAY_MS = 86_400_000;

/**
 * The parts of one file with its correlations linked to the documents under them: those that only correlations look at
 * become quiet, and a correlation reads the sources of what stands under it. What is wrong is added to `found`.
 */
export function linkParts(
  parsed: Pick<ParsedFile, 'rules' | 'correlations'>,
  map: MainMap | null,
  parts: readonly Part[],
  found: SigmaProblem[],
): Part[] {
  if (parsed.correlations.length === 0) return [...parts];
  const linked = linkCorrelations(parsed.correlations, parsed.rules);
  found.push(...linked.problems);
  const byKey = new Map(linked.correlations.map((one) => [one.key, one]));
  const made = parts.map((part) => ({
    ...part,
    correlation: byKey.get(part.id) ?? null,
    quiet: linked.quiet.has(part.id),
  }));
  const withSources = made.map((part) => ({ ...part, sources: sourcesUnder(part, made) }));
  if (map !== null) for (const part of withSources) checkPart(part, map, withSources, found);
  return withSources;
}

function sourcesUnder(part: Part, parts: readonly Part[]): readonly string[] {
  if (part.correlation === null) return part.sources;
  return [...new Set([...part.sources, ...rulesUnder(part, parts).flatMap((rule) => rule.sources)])];
}

/** The rules that a correlation stands on, through correlations too. */
export function rulesUnder(part: Part, parts: readonly Part[]): Part[] {
  const rules = new Set<Part>();
  for (const { key } of part.correlation?.bases ?? []) {
    const base = parts.find((one) => one.id === key);
    if (base === undefined) continue;
    if (base.correlation === null) rules.add(base);
    else for (const rule of rulesUnder(base, parts)) rules.add(rule);
  }
  return [...rules];
}

function checkPart(part: Part, map: MainMap, parts: readonly Part[], found: SigmaProblem[]): void {
  const { correlation, document } = part;
  if (correlation === null || part.quiet) return;
  const report = (path: string[], message: string): void => {
    found.push(problemAt(document, path, message));
  };
  if (map.life !== 'event')
    report(['tenantwatch', 'life'], 'a correlation is about events; write life: event');
  if (part.subject === null && (parts[0]?.subject ?? null) === null)
    report(['tenantwatch'], 'a correlation names subject and cause by templates, since it has no act');
  const { timespanMs } = correlation.correlation;
  if (map.rearm !== undefined && rearmMs(map.rearm) < timespanMs)
    report(['tenantwatch', 'rearm'], 'rearm is shorter than the timespan; leave it out, or make it longer');
}

/** A correlation's alerts end with a gap longer than its timespan; those of rules beside it with a day's. ms. */
export function rearmOf(parts: readonly Part[]): number | undefined {
  const loud = parts.filter((part) => !part.quiet && part.check === null);
  const spans = loud.flatMap((part) => part.correlation?.correlation.timespanMs ?? []);
  if (spans.length === 0) return undefined;
  return Math.max(...spans, spans.length < loud.length ? DAY_MS : 0);
}

/** What of a correlation decides which events count; added to what decides for rules. */
export function correlatedBy(part: Part): unknown[] {
  const { correlation, generate } = part.document.document;
  return [part.quiet, correlation ?? null, generate ?? null, part.correlation?.bases.map(({ key }) => key)];
}
