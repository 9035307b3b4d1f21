import { defineConfig } from 'vitest/config';

/** `npm run soak`: hours are allowed here; `npm test` never runs these. */
export default defineConfig({
  test: { include: ['test/soak/**/*.soak.ts'], testTimeout: 6 * 3_600_000, fileParallelism: false },
});
