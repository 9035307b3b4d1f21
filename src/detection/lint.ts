import { capabilityWords, logSources } from '../records/index.ts';
import type { LinkedCorrelation } from '../sigma/index.ts';
import type { Case } from './case-file.ts';
import { keysOf, type Detection, type DetectionText, type Part } from './catalogue.ts';
import { selectedColumns } from './check-guard.ts';
import { actWords } from './custom-map.ts';
import { correlationWords, GAPS, travelWords } from './correlation-words.ts';
import { contextFields } from './enrich.ts';
import { rulesUnder } from './link-parts.ts';
import { countedFields } from './rule-feeds.ts';
import { parseTemplate, placeholdersOf } from './template.ts';

/** Tactic or technique as Sigma writes them (MITRE ATT&CK ids): `attack.persistence`, `attack.t1098.003`. */
const ATTACK = /^attack\.(t\d{4}(\.\d{3})?|[a-z]+(-[a-z]+)*)$/;
/** Languages that the shipped pack is written in. */
const LANGUAGES = ['en', 'de'];
/** Words that whoever renders a text always has. */
const ALWAYS = ['subject', 'tenant', 'detection'];
/** The words of a rule without an act are those of its record's first act. */
const ACTS_OF_FEED: Readonly<Record<string, readonly string[]>> = {
  'sign-ins': ['sign_in'],
  'directory-audits': ['role_grant'],
  'non-interactive-sign-ins': ['sign_in'],
  'service-principal-sign-ins': ['sign_in'],
  'managed-identity-sign-ins': ['sign_in'],
  'risk-detections': ['risk_detection'],
  'service-principal-risk-detections': ['risk_detection'],
  'defender-alerts': ['defender_alert'],
  'defender-incidents': ['defender_incident'],
  changes: ['role_grant', 'inbox_rule'],
  'unified-audit': ['role_grant', 'inbox_rule'],
};
/** Markup, links and line breaks: texts go into mails and terminals as they are. */
const NOT_PLAIN = /[<`]|\*\*|\]\(|https?:|\p{Cc}/u;

/** What the shipped pack must be beyond what loading asks for. Sentences; empty = clean. */
export async function lintDetection(detection: Detection, cases: readonly Case[]): Promise<string[]> {
  return [
    ...lintHead(detection),
    ...lintCases(cases),
    ...(await lintTexts(detection)),
    ...detection.parts.flatMap((part) => lintFields(part)),
    ...detection.parts.flatMap((part) => lintCorrelation(detection, part)),
    ...(await lintKeys(detection)),
  ];
}

function lintHead(detection: Detection): string[] {
  const main = detection.parts[0]?.document;
  const problems: string[] = [];
  if (main?.status === null) problems.push('it has no status');
  if (detection.levelReason === null) problems.push('it has no level_reason');
  if (detection.falsepositives.length === 0) problems.push('it names no false positive');
  if (detection.respond.length === 0) problems.push('it names no response step');
  for (const tag of detection.tags) {
    if (!ATTACK.test(tag))
      problems.push(`tag ${tag} is no ATT&CK tactic or technique (attack.persistence, attack.t1098.003)`);
  }
  if (!/^[A-Z]{2}-\d{2}$/.test(detection.catalogue))
    problems.push(`catalogue '${detection.catalogue}' has not the form RL-01`);
  return problems;
}

function lintCases(cases: readonly Case[]): string[] {
  const problems: string[] = [];
  if (!cases.some((one) => one.fires !== undefined)) problems.push('no case fires');
  if (cases.filter((one) => one.silent === true).length < 2) problems.push('fewer than two cases are silent');
  return problems;
}

async function lintTexts(detection: Detection): Promise<string[]> {
  const words = await wordsOf(detection);
  const problems = LANGUAGES.filter((language) => detection.texts[language] === undefined).map(
    (language) => `it has no text in '${language}'`,
  );
  for (const [language, text] of Object.entries(detection.texts)) {
    for (const [name, value] of textsOf(text, detection.respond)) {
      problems.push(...lintText(value, words).map((problem) => `text ${language}.${name}: ${problem}`));
    }
    if (text.respond !== undefined && text.respond.length !== detection.respond.length) {
      problems.push(
        `text ${language}.respond has ${text.respond.length} steps, respond has ${detection.respond.length}`,
      );
    }
  }
  return problems;
}

function textsOf(text: DetectionText, respond: readonly string[]): [string, string][] {
  const steps = [...respond, ...(text.respond ?? [])].map((step): [string, string] => ['respond', step]);
  return [['title', text.title], ['what', text.what], ['why', text.why], ['ask', text.ask], ...steps];
}

function lintText(text: string, words: ReadonlySet<string>): string[] {
  if (NOT_PLAIN.test(text)) return [`'${text}' is not plain text`];
  try {
    return placeholdersOf(parseTemplate(text))
      .filter((name) => !words.has(name))
      .map((name) => `{${name}} is no word of this detection (${[...words].join(', ')})`);
  } catch (error) {
    return [(error as Error).message];
  }
}

async function wordsOf(detection: Detection): Promise<Set<string>> {
  const words = new Set(ALWAYS);
  for (const part of detection.parts.filter((one) => !one.quiet))
    for (const word of await wordsOfPart(detection, part)) words.add(word);
  return words;
}

async function wordsOfPart(detection: Detection, part: Part): Promise<readonly string[]> {
  if (part.check !== null) return selectedColumns(part.check.sql);
  if (part.correlation !== null) return wordsOfCorrelation(detection, part, part.correlation);
  // Our own state shows no act; its words are those of what a tenant lets us see.
  if (part.feed === 'changes' && part.sources.includes('program')) return capabilityWords;
  const acts = detection.act === null ? (ACTS_OF_FEED[part.feed ?? ''] ?? []) : [detection.act];
  return acts.flatMap((act) => actWords[act] ?? []);
}

/** Those of the records under it, its groups, and what it counts. */
function wordsOfCorrelation(detection: Detection, part: Part, linked: LinkedCorrelation): string[] {
  const { groupBy, condition } = linked.correlation;
  const acts = rulesUnder(part, detection.parts).flatMap((rule) => ACTS_OF_FEED[rule.feed ?? ''] ?? []);
  const own = condition.kind === 'travel' ? [...travelWords, GAPS] : [];
  const terms = condition.kind === 'new_terms' ? [...condition.fields, GAPS] : [];
  return [...acts.flatMap((act) => actWords[act] ?? []), ...groupBy, ...correlationWords, ...own, ...terms];
}

/** Every field that a correlation reads is declared by at least one origin of each rule under it. */
function lintCorrelation(detection: Detection, part: Part): string[] {
  const linked = part.correlation;
  if (linked === null) return [];
  return linked.bases.flatMap((base) => {
    const rule = detection.parts.find((one) => one.id === base.key);
    if (rule === undefined || rule.correlation !== null) return [];
    return [...base.groupFields, ...countedFields(linked)]
      .filter((field) => !isDeclared(rule, field))
      .map((field) => `${part.title}: no origin of ${rule.feed ?? ''} carries the field ${field}`);
  });
}

/** Every field that the rule reads is declared by at least one origin of its feed, or is context. */
function lintFields(part: Part): string[] {
  return (part.rule?.fields ?? [])
    .filter((field) => !isDeclared(part, field))
    .map((field) => `${part.title}: no origin of ${part.feed ?? ''} carries the field ${field}`);
}

function isDeclared(part: Part, field: string): boolean {
  if (field === '*' || contextFields.has(field)) return true;
  return Object.values(logSources.get(part.feed ?? '')?.origins ?? {}).some((origin) =>
    origin.carries(field),
  );
}

function isShown(detection: Detection, part: Part, name: string): boolean {
  if (part.correlation === null) return isDeclared(part, name);
  const { groupBy } = part.correlation.correlation;
  return groupBy.includes(name) || rulesUnder(part, detection.parts).some((rule) => isDeclared(rule, name));
}

/** Placeholders of subject and cause are fields of the record, or columns of the check. */
async function lintKeys(detection: Detection): Promise<string[]> {
  const problems: string[] = [];
  for (const part of detection.parts.filter((one) => !one.quiet)) {
    const columns = part.check === null ? null : new Set(await selectedColumns(part.check.sql));
    const { subject, cause } = keysOf(detection, part);
    for (const template of [subject, cause]) {
      if (template === null) continue;
      const unknown = placeholdersOf(template).filter(
        (name) => !(columns?.has(name) ?? isShown(detection, part, name)),
      );
      problems.push(
        ...unknown.map((name) => `${part.title}: {${name}} in '${template.source}' is never there`),
      );
    }
  }
  return problems;
}
