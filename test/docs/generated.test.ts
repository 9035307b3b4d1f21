import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { generatedDocs } from './generate.ts';

describe('the generated pages of docs/', async () => {
  it.each([...(await generatedDocs())])("%s is what 'npm run docs' writes", (file, text) => {
    expect(readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8')).toBe(text);
  });
});
