import { z } from 'zod';

/** What every expression may say about its values. */
const common = {
  trim: z.literal(true).optional(),
  unquote: z.literal(true).optional(),
  values: z.record(z.string(), z.string()).optional(),
  default: z.string().optional(),
  beta: z.literal(true).optional(),
};
const path = z.string().regex(/^[@\w.*]+$/, 'a dotted path');

/** One expression of sigma-mapping.json, which explains each key under `expressions`. */
export const expression = z.union([
  z.strictObject({ path, ...common }),
  z.strictObject({ leaves: path, ...common }),
  z.strictObject({ json: path, ...common }),
  z.strictObject({ kv: path, key: z.string(), value: z.string(), name: z.string(), ...common }),
  z.strictObject({ outcome: path, zero: z.string(), other: z.string(), ...common }),
  z.strictObject({ const: z.string(), ...common }),
]);
export type Expression = z.output<typeof expression>;

const cannot = z.strictObject({ status: z.enum(['no_source', 'state']), why: z.string() });

/** One log source of the mapping. */
const source = z
  .strictObject({
    feed: z.string().optional(),
    reads: z.array(z.string()).min(1).optional(),
    cannot: cannot.optional(),
    resource: z.string(),
    wording: z.record(z.string(), z.enum(['any', 'whole'])).default({}),
    vocabularies: z.record(z.string(), z.string()).default({}),
    fields: z.record(z.string(), z.array(expression).min(1)),
  })
  .refine((one) => (one.feed === undefined) !== (one.cannot === undefined), 'either a feed or cannot')
  .refine((one) => (one.feed === undefined) === (one.reads === undefined), 'a feed and what it reads');

/** The whole of sigma-mapping.json. */
export const mappingFile = z.strictObject({
  about: z.string(),
  expressions: z.record(z.string(), z.string()),
  wording: z.string(),
  vocabularies: z.string(),
  documentation_words: z.array(z.string()),
  sources: z.record(z.string(), source),
});
export type MappingSource = z.output<typeof source>;

/** The whole of vocabularies.json. */
export const vocabularyFile = z.record(
  z.string(),
  z.strictObject({ about: z.string(), words: z.array(z.string()).min(1) }),
);
