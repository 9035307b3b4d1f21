import { it } from 'vitest';
import { expectNoTrace } from '../chaos/chaos.ts';

// Behind the seeds of `npm test`.
it('ends as in calm after 300 runs among troubles', () => expectNoTrace(101, 300));
