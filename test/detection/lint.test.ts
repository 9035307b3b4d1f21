import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseCases } from '../../src/detection/case-file.ts';
import { loadCatalogue } from '../../src/detection/catalogue.ts';
import { lintDetection } from '../../src/detection/lint.ts';

const folder = mkdtempSync(join(tmpdir(), 'tenantwatch-lint-'));
mkdirSync(join(folder, 'a'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const CLEAN = `title: Sign-in by IMAP
id: 11111111-0000-4000-8000-000000000001
status: stable
level: low
tags: [attack.initial-access, attack.t1078.004]
falsepositives: [An old printer]
logsource: {product: azure, service: signinlogs}
detection:
  client: {clientAppUsed: IMAP4}
  condition: client
tenantwatch:
  catalogue: SI-90
  life: event
  subject: "user:{userId}"
  cause: "{context.country}"
  level_reason: a test
  sources: [sign-ins]
  respond: ["Ask {subject}."]
  text:
    en: {title: "{subject} by {client}", what: what, why: why, ask: "ask?"}
    de: {title: "{subject} mit {client}", what: was, why: warum, ask: "frage?"}
`;
const CASES = `- {name: fires, records: [], fires: [{subject: "user:1", cause: DE}]}
- {name: one, records: [], silent: true}
- {name: two, records: [], silent: true}
`;

async function lint(text: string, cases: string): Promise<string[]> {
  writeFileSync(join(folder, 'a', 'one.yml'), text);
  const catalogue = await loadCatalogue(folder);
  expect(catalogue.problems).toEqual([]);
  const detection = catalogue.detections[0];
  if (detection === undefined) throw new Error('nothing was loaded');
  return lintDetection(detection, parseCases(cases, 'one.cases.yml'));
}

describe('the lint of the shipped pack', () => {
  it('finds nothing in a clean detection', async () => {
    expect(await lint(CLEAN, CASES)).toEqual([]);
  });

  it.each<[what: string, from: string, to: string, message: RegExp]>([
    ['a tag of no ATT&CK form', 'attack.t1078.004', 'attack.T1078', /ATT&CK/],
    ['no false positive', 'falsepositives: [An old printer]', 'falsepositives: []', /false positive/],
    ['no response step', '  respond: ["Ask {subject}."]\n', '', /response step/],
    ['no status', 'status: stable\n', '', /no status/],
    ['no reason for the level', '  level_reason: a test\n', '', /level_reason/],
    ['no German text', /    de: .*\n/.exec(CLEAN)?.[0] ?? '', '', /'de'/],
    ['a word that no record gives', 'Ask {subject}.', 'Ask {boss}.', /\{boss\}/],
    ['markup', 'what: what', 'what: "<b>what</b>"', /plain text/],
    ['a link', 'what: what', 'what: "see https://x.example"', /plain text/],
    ['a field that exists in the author’s mind only', 'clientAppUsed', 'clientApp', /clientApp/],
    ['a context field that does not exist', '{context.country}', '{context.planet}', /context\.planet/],
    ['a catalogue id of another form', 'SI-90', 'sign-in', /RL-01/],
  ])('finds %s', async (_what, from, to, message) => {
    const problems = await lint(CLEAN.replace(from, to), CASES);
    expect(problems.join('\n')).toMatch(message);
  });

  it.each<[what: string, from: string, message: RegExp]>([
    [
      'no case that fires',
      '- {name: fires, records: [], fires: [{subject: "user:1", cause: DE}]}\n',
      /no case fires/,
    ],
    ['fewer than two silent cases', '- {name: two, records: [], silent: true}\n', /fewer than two/],
  ])('finds %s', async (_what, from, message) => {
    expect((await lint(CLEAN, CASES.replace(from, ''))).join('\n')).toMatch(message);
  });
});
