import v8 from 'node:v8';
import vm from 'node:vm';

/** The old generation may be this much larger than what was alive at the last collection, percent. */
const GROWTH_PERCENT = 15;

/**
 * Keeps this process small on a machine with much memory. V8 sizes its heap by the machine: on one with 24 GB it lets 300 MB of
 * garbage lie, although what is alive here at a time is a page of records. Measured with 5,000 users and two days: 240 MB
 * resident instead of 470 to 530, for a sixth more time.
 * Call it before anything else is loaded: what the young generation has grown to by then it keeps.
 */
export function keepHeapSmall(): void {
  // The young generation stays as it is at the start (2 MB); it would grow to 134.
  v8.setFlagsFromString('--semi-space-growth-factor=1');
  v8.setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  // The step by which the old generation grows at least is 2 MB then, and not 8; pages that are empty are given back.
  v8.setFlagsFromString('--optimize-for-size');
  // The growth counts from the first full collection, which would come at 256 MB.
  v8.setFlagsFromString('--expose-gc');
  const collect: unknown = vm.runInNewContext('gc');
  if (typeof collect === 'function') collect();
  v8.setFlagsFromString('--no-expose-gc');
}
