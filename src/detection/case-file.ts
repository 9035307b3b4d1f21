import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { DetectionError } from '../errors.ts';
import { instant } from '../records/index.ts';
import { programStep } from './case-program.ts';
import { sourceNames } from './custom-map.ts';
import { policySources, type PolicySource } from './policy-sources.ts';

/** UTC epoch ms of an ISO 8601 text. */
const time = z.string().transform((value, context) => {
  const at = instant(value);
  if (at !== null) return at;
  context.addIssue({ code: 'custom', message: `'${value}' is no time; write 2026-11-17T09:42:00Z` });
  return z.NEVER;
});
const raw = z.record(z.string(), z.unknown());
const attempt = z.union([
  z.strictObject({ failed: z.number().int() }),
  z.strictObject({ skipped: z.string().min(1) }),
]);
const objects = z.array(raw);
const mailboxes = z.record(z.string(), z.union([attempt, objects]));

const state = z.union([objects, attempt]).optional();
const policies = Object.fromEntries(policySources.map((source) => [source, state])) as Record<
  PolicySource,
  typeof state
>;

const step = z.strictObject({
  at: time,
  users: z.union([objects, attempt]).optional(),
  'subscribed-skus': z.union([objects, attempt]).optional(),
  'role-definitions': z.union([objects, attempt]).optional(),
  'role-assignments': z.union([objects, attempt]).optional(),
  'sign-in-activity': z.union([objects, attempt]).optional(),
  organization: z.union([objects, attempt]).optional(),
  'role-eligibility': z.union([objects, attempt]).optional(),
  'role-assignment-schedules': z.union([objects, attempt]).optional(),
  groups: z.union([objects, attempt]).optional(),
  applications: z.union([objects, attempt]).optional(),
  'service-principals': z.union([objects, attempt]).optional(),
  'oauth2-grants': z.union([objects, attempt]).optional(),
  'app-role-assignments': z.union([objects, attempt]).optional(),
  ...policies,
  program: programStep.optional(),
  'mailbox-rules': z.union([attempt, mailboxes]).optional(),
});

const expected = z.strictObject({
  subject: z.string(),
  cause: z.string(),
  level: z.string().optional(),
  historical: z.boolean().optional(),
  start: time.optional(),
  words: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).optional(),
  after_read: z.number().int().positive().optional(),
  open_after: z.array(z.number().int().positive()).optional(),
  closed: z
    .strictObject({
      after_read: z.number().int().positive(),
      reason: z.enum(['fixed', 'deleted', 'out_of_scope', 'retired']),
    })
    .optional(),
});

const tenant = z.strictObject({
  domains: z.array(z.string()).optional(),
  allowed_countries: z.array(z.string()).optional(),
  own_domains: z.array(z.string()).optional(),
  trusted_networks: z.array(z.strictObject({ name: z.string(), cidr: z.string() })).optional(),
  break_glass: z.array(z.string()).optional(),
  vips: z.array(z.string()).optional(),
});

/** From and to of time that was read completely; UTC epoch ms. */
const span = z.tuple([time, time]);

const oneCase = z
  .strictObject({
    name: z.string().min(1),
    written_from: z.string().default('graph-facts'),
    tenant: tenant.default({}),
    at: time.optional(),
    enrolled_at: time.optional(),
    capability: z.partialRecord(z.enum(sourceNames), z.string()).default({}),
    covered: z.partialRecord(z.enum(sourceNames), z.union([span, z.array(span).min(1)])).optional(),
    reads: z.array(step).default([]),
    records: z
      .array(
        z.strictObject({
          source: z.enum([
            'sign-ins',
            'directory-audits',
            'unified-audit',
            'non-interactive-sign-ins',
            'service-principal-sign-ins',
            'managed-identity-sign-ins',
            'risk-detections',
            'service-principal-risk-detections',
            'defender-alerts',
            'defender-incidents',
          ]),
          api: z.enum(['v1.0', 'beta', 'management']).default('v1.0'),
          record: raw,
        }),
      )
      .default([]),
    fires: z.array(expected).min(1).optional(),
    silent: z.literal(true).optional(),
    not_assessed: z.string().min(1).optional(),
  })
  .refine(
    (one) => [one.fires, one.silent, one.not_assessed].filter((value) => value !== undefined).length === 1,
    'exactly one of fires, silent and not_assessed',
  );

/** docs/detection-format.md, "The cases". */
export type Case = z.output<typeof oneCase> & { readonly line: number };
export type CaseStep = z.output<typeof step>;
export type ExpectedAlert = z.output<typeof expected>;

/** Reads a `.cases.yml`. Throws DetectionError at the first thing that is wrong. */
export function parseCases(text: string, file: string): Case[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: '1.2' });
  const place = (offset: number) => lines.linePos(offset);
  const error = document.errors[0];
  if (error) throw at(place(error.pos[0]), error.message.split('\n')[0] ?? 'it is no YAML');
  const value: unknown = document.toJS();
  if (!Array.isArray(value)) throw at({ line: 1, col: 1 }, 'cases are a list');
  const cases = value.map((item, index) => {
    const where = place(offsetOf(document.getIn([index], true)));
    const result = oneCase.safeParse(item);
    if (result.success) return { ...result.data, line: where.line };
    const issue = result.error.issues[0];
    const path = (issue?.path ?? []).filter((part) => typeof part !== 'symbol');
    const inner = document.getIn([index, ...path], true) ?? document.getIn([index], true);
    throw at(place(offsetOf(inner)), `case ${index + 1}, ${path.join('.')}: ${issue?.message ?? 'is wrong'}`);
  });
  const twice = cases.find((one, index) => cases.findIndex((other) => other.name === one.name) !== index);
  if (twice) throw at({ line: twice.line, col: 1 }, `two cases are named '${twice.name}'`);
  return cases;

  function at(where: { line: number; col: number }, message: string): DetectionError {
    return new DetectionError(message, file, where.line, where.col);
  }
}

function offsetOf(node: unknown): number {
  const range = (node as { range?: readonly number[] } | undefined)?.range;
  return range?.[0] ?? 0;
}
