import { keepHeapSmall } from '../../src/commands/small-heap.ts';
import type { Order } from './watch.ts';

// As bin.ts does: before anything else is loaded.
keepHeapSmall();
const { watch } = await import('./watch.ts');
const outcome = await watch(JSON.parse(process.argv[2] ?? '{}') as Order);
process.stdout.write(`${JSON.stringify(outcome)}\n`);
