import type { Cast } from './cast.ts';
import { MUSTER_BAU } from './muster-bau.ts';
import { NORDLICHT } from './nordlicht.ts';
import { SONNHOF } from './sonnhof.ts';

export { crowdCast } from '../crowd/cast.ts';

/** The tenants of the world, one line each. A tenant depends on the seed and its own cast only, never on who else is there. */
export const CASTS: readonly Cast[] = [MUSTER_BAU, NORDLICHT, SONNHOF];
