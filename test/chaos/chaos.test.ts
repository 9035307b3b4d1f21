import { describe, it } from 'vitest';
import { expectNoTrace } from './chaos.ts';

describe('the service among troubles of every kind', () => {
  // Twenty runs as two tens side by side: while one waits for its simulator the other goes on.
  it.concurrent.each([1, 11])(
    'ends with the same events, entities and alerts as in calm: ten runs from seed %i',
    { timeout: 600_000 },
    (firstSeed) => expectNoTrace(firstSeed, 10),
  );
});
