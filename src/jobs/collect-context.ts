import type { Clock } from '../clock.ts';
import type { StateOptions } from '../collectors/index.ts';
import type { Graph } from '../microsoft/index.ts';
import type { Licence } from '../model/licence.ts';
import type { TenantConfig } from '../model/tenant.ts';
import type { Database } from '../store/database.ts';
import type { ReadMemory } from './read-memory.ts';

export interface CollectContext {
  readonly database: Database;
  readonly graph: Graph;
  readonly tenant: TenantConfig;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly signInsApi: 'auto' | 'beta' | 'v1.0';
  /** The DNS, where the operator allows to ask it about mail domains. */
  readonly dns?: NonNullable<StateOptions['dns']>['resolver'] | null;
  /** What this process read before; without it every read is compared. */
  readonly memory?: ReadMemory;
  /** Which licences the tenant has, asked once a round; set by `collectTenant`. */
  readonly licences?: Map<Licence, boolean | null>;
  readonly onProgress?: (progress: CollectProgress) => void;
}

export interface CollectProgress {
  readonly source: string;
  /** Records stored or met again so far in this run of the source. */
  readonly records: number;
  readonly windowsDone: number;
  readonly windowsPlanned: number;
}

export interface CollectOptions {
  /** Reads every source whether or not its interval has passed. */
  readonly force?: boolean;
  /** Reads everything again that logs still keep, and starts every delta anew. */
  readonly full?: boolean;
  /** Reads, of logs, what is kept and was given up or never read. */
  readonly backfill?: boolean;
  /** How far back `full` and `backfill` go at most, UTC epoch ms. */
  readonly since?: number;
}

/** What one run of a source brought. */
export interface Counts {
  read: number;
  added: number;
  changed: number;
  rejected: number;
}
