import { Random } from './random.ts';
import type { Words } from './rule-words.ts';
import { makeWords } from './rule-words.ts';

/** What a rule can say of one field. */
interface FieldKind {
  readonly name: string;
  readonly value: (random: Random, words: Words, at: number) => string;
  /** How the field is usually asked for. */
  readonly modifiers: readonly (readonly [string, number])[];
  /** True of many events: no rule asks for it alone. */
  readonly broad?: boolean;
}

interface SourceKind {
  readonly logsource: string;
  readonly fields: readonly FieldKind[];
}

/**
 * Modifiers as often as SigmaHQ's 3,780 rules have them: contains 4,616, endswith 3,437, all 1,181, startswith 570,
 * re 202, windash 110, cidr 39, base64offset 9, fieldref 5.
 */
const COMMAND: FieldKind['modifiers'] = [
  ['|contains', 1300],
  ['|contains|all', 900],
  ['|re', 150],
  ['|contains|windash', 110],
  ['|endswith', 200],
  ['|startswith', 60],
  ['|base64offset|contains', 9],
  ['', 100],
];
const PATH: FieldKind['modifiers'] = [
  ['|endswith', 2300],
  ['|startswith', 150],
  ['|contains', 300],
  ['|re', 20],
  ['', 250],
];
const NAME: FieldKind['modifiers'] = [
  ['', 900],
  ['|contains', 350],
  ['|startswith', 60],
  ['|re', 12],
];

function command(random: Random, words: Words, at: number): string {
  const phrase = random.pick(words.phrases);
  if (at === 0 || random.chance(0.5)) return phrase;
  return random.chance(0.5)
    ? random.pickSkewed(words.options)
    : `${random.pickSkewed(words.options)} ${phrase}`;
}

function image(random: Random, words: Words): string {
  return `\\${random.pickSkewed(words.tools)}`;
}

const IMAGE: FieldKind = { name: 'Image', value: image, modifiers: PATH, broad: true };
const COMMAND_LINE: FieldKind = { name: 'CommandLine', value: command, modifiers: COMMAND };

const PROCESS: readonly FieldKind[] = [
  IMAGE,
  IMAGE,
  COMMAND_LINE,
  COMMAND_LINE,
  { name: 'ParentImage', broad: true, value: image, modifiers: PATH },
  {
    name: 'OriginalFileName',
    broad: true,
    value: (random, words) => random.pick(words.tools),
    modifiers: [['', 1]],
  },
  {
    name: 'User',
    broad: true,
    value: (random, words) => random.pick(words.users),
    modifiers: [['|contains', 1]],
  },
  {
    name: 'IntegrityLevel',
    broad: true,
    value: (random) => random.pick(['High', 'System']),
    modifiers: [['', 1]],
  },
  {
    name: 'Hashes',
    value: (random) => `IMPHASH=${random.hex(32).toUpperCase()}`,
    modifiers: [['|contains', 1]],
  },
  {
    name: 'CurrentDirectory',
    broad: true,
    value: (random, words) => random.pick(words.folders),
    modifiers: PATH,
  },
  { name: 'ParentCommandLine', value: command, modifiers: COMMAND },
];

const FILE: readonly FieldKind[] = [
  IMAGE,
  {
    name: 'TargetFilename',
    value: (random, words) => `${random.pick(words.folders)}${random.pick(words.tools)}`,
    modifiers: PATH,
  },
];

const REGISTRY: readonly FieldKind[] = [
  IMAGE,
  { name: 'TargetObject', value: (random, words) => random.pick(words.keys), modifiers: PATH },
  { name: 'Details', value: (random, words) => random.pick(words.phrases), modifiers: NAME },
];

const SIGN_IN: readonly FieldKind[] = [
  {
    name: 'userAgent',
    value: (random, words) => random.pick(words.phrases),
    modifiers: [
      ['|contains', 3],
      ['|startswith', 1],
      ['|re', 0.3],
    ],
  },
  { name: 'appDisplayName', value: (random, words) => random.pick(words.applications), modifiers: NAME },
  {
    name: 'status.errorCode',
    broad: true,
    value: (random) => String(random.pick([50053, 50126, 53003, 50074, 500121, 700016])),
    modifiers: [['', 1]],
  },
  {
    name: 'status.failureReason',
    value: (random, words) => random.pick(words.phrases),
    modifiers: [['|contains', 1]],
  },
  {
    name: 'location.countryOrRegion',
    broad: true,
    value: (random, words) => random.pick(words.countries),
    modifiers: [['', 1]],
  },
  {
    name: 'conditionalAccessStatus',
    broad: true,
    value: (random) => random.pick(['failure', 'notApplied']),
    modifiers: [['', 1]],
  },
  { name: 'deviceDetail.isCompliant', broad: true, value: () => 'false', modifiers: [['', 1]] },
  {
    name: 'ipAddress',
    value: (random) =>
      `${random.between(1, 223)}.${random.below(256)}.${random.below(256)}.${random.below(256)}`,
    modifiers: [
      ['|cidr', 1],
      ['', 2],
    ],
  },
  {
    name: 'userPrincipalName',
    value: (random, words) => random.pick(words.users),
    modifiers: [
      ['|startswith', 2],
      ['|contains', 1],
    ],
  },
  { name: 'resourceDisplayName', value: (random, words) => random.pick(words.applications), modifiers: NAME },
  { name: 'homeTenantId', value: (random) => random.uuid(), modifiers: [['', 1]] },
];

const AUDIT: readonly FieldKind[] = [
  { name: 'activityDisplayName', value: (random, words) => random.pick(words.operations), modifiers: NAME },
  {
    name: 'category',
    broad: true,
    value: (random) => random.pick(['UserManagement', 'Policy', 'RoleManagement']),
    modifiers: [['', 1]],
  },
  {
    name: 'targetResources.modifiedProperties.newValue',
    value: (random, words) => random.pick(words.phrases),
    modifiers: [['|contains', 1]],
  },
  {
    name: 'initiatedBy.user.userPrincipalName',
    value: (random, words) => random.pick(words.users),
    modifiers: [['|startswith', 1]],
  },
  {
    name: 'loggedByService',
    broad: true,
    value: (random, words) => random.pick(words.applications),
    modifiers: [['', 1]],
  },
];

const SOURCES: readonly (readonly [SourceKind, number])[] = [
  [{ logsource: '{category: process_creation, product: windows}', fields: PROCESS }, 1250],
  [{ logsource: '{category: process_creation, product: linux}', fields: PROCESS }, 130],
  [{ logsource: '{category: file_event, product: windows}', fields: FILE }, 320],
  [{ logsource: '{category: registry_set, product: windows}', fields: REGISTRY }, 330],
  [{ logsource: '{category: image_load, product: windows}', fields: FILE }, 230],
  [{ logsource: '{category: ps_script, product: windows}', fields: [COMMAND_LINE] }, 200],
  [{ logsource: '{product: azure, service: signinlogs}', fields: SIGN_IN }, 300],
  [{ logsource: '{product: azure, service: auditlogs}', fields: AUDIT }, 240],
];

/**
 * `count` rules as YAML texts, the same for the same seed; `only` = all for the log source that has this in its name,
 * which is the worst that an index can be given.
 */
export function ruleTexts(count: number, seed = 1, only = ''): string[] {
  const random = new Random(seed);
  const words = makeWords(seed);
  const sources = SOURCES.filter(([source]) => source.logsource.includes(only));
  return Array.from({ length: count }, (_, number) => ruleText(random, words, sources, number));
}

function ruleText(random: Random, words: Words, sources: typeof SOURCES, number: number): string {
  const source = random.weighted(sources);
  const { names, body } = selections(random, words, source);
  const filters = random.chance(0.4) ? random.between(1, 3) : 0;
  for (let i = 0; i < filters; i++) body.push(`  filter_main_${i}:`, ...items(random, words, source, 1));
  const condition = filters === 0 ? names : `${names} and not 1 of filter_main_*`;
  return [
    `title: Generated Rule ${number} ${random.pick(words.phrases)}`,
    `id: ${random.uuid()}`,
    `status: ${random.pick(['test', 'stable', 'experimental'])}`,
    `description: 'Made for measuring. ${Array.from({ length: 12 }, () => random.pick(words.phrases)).join(' ')}'`,
    'references:',
    `    - https://example.org/${random.hex(40)}`,
    'author: nobody',
    'date: 2026-01-01',
    'tags:',
    '    - attack.execution',
    `    - attack.t${random.between(1000, 1600)}`,
    `logsource: ${source.logsource}`,
    'detection:',
    ...body,
    `  condition: ${condition}`,
    'falsepositives:',
    '    - Unknown',
    `level: ${random.pick(['low', 'medium', 'high'])}`,
    '',
  ].join('\n');
}

function selections(random: Random, words: Words, source: SourceKind): { names: string; body: string[] } {
  const count = random.weighted([
    [1, 60],
    [2, 28],
    [3, 12],
  ] as const);
  if (count === 1) {
    return {
      names: 'selection',
      body: ['  selection:', ...items(random, words, source, random.between(2, 3))],
    };
  }
  const body: string[] = [];
  for (let i = 0; i < count; i++) body.push(`  selection_${i}:`, ...items(random, words, source, 1));
  return { names: random.chance(0.75) ? 'all of selection_*' : '1 of selection_*', body };
}

/** Different fields of one source, each with a value or a list of them. */
function items(random: Random, words: Words, source: SourceKind, count: number): string[] {
  const lines: string[] = [];
  const used = new Set<string>();
  const specific = source.fields.filter((field) => field.broad !== true);
  while (used.size < Math.min(count, new Set(source.fields.map((field) => field.name)).size)) {
    const field = random.pick(used.size === 0 ? specific : source.fields);
    if (used.has(field.name)) continue;
    used.add(field.name);
    lines.push(...item(random, words, field));
  }
  return lines;
}

function item(random: Random, words: Words, field: FieldKind): string[] {
  if (field.name === 'Image' && random.chance(0.008)) return [`    ParentImage|fieldref: ${field.name}`];
  const modifiers = random.weighted(field.modifiers);
  const most = modifiers === '|re' || modifiers === '|cidr' ? 1 : 6;
  const count = modifiers.endsWith('|all') ? random.between(2, 4) : random.between(1, most);
  const values = Array.from({ length: count }, (_, at) =>
    field.value(random, words, modifiers.endsWith('|all') ? at : 0),
  );
  const written = modifiers === '|re' ? values.map((value) => toRegex(random, value)) : values;
  const quoted = [...new Set(written)].map((value) =>
    /^\d+$/.test(value) ? value : `'${value.replaceAll("'", "''")}'`,
  );
  const [only = "''"] = quoted;
  if (quoted.length === 1) return [`    ${field.name}${modifiers.replace('|all', '')}: ${only}`];
  return [`    ${field.name}${modifiers}:`, ...quoted.map((value) => `      - ${value}`)];
}

function toRegex(random: Random, value: string): string {
  const escaped = value.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return random.pick([
    `${escaped}\\s+[a-z]{2,8}`,
    `.*${escaped}.*`,
    `(?i)${escaped}`,
    `^.{1,40}${escaped}`,
    `\\b${escaped}\\d{1,3}`,
    `${escaped}.*\\.(exe|dll|ps1)`,
  ]);
}
