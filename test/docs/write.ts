import { writeFileSync } from 'node:fs';
import { generatedDocs } from './generate.ts';

// `npm run docs`: writes the generated pages.
for (const [file, text] of await generatedDocs()) {
  writeFileSync(new URL(`../../docs/${file}`, import.meta.url), text);
  console.log(`wrote docs/${file}`);
}
