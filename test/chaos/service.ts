import type { Clock } from '../../src/clock.ts';
import type { Config } from '../../src/config/config.ts';
import type { Catalogue } from '../../src/detection/catalogue.ts';
import { cycleTenant } from '../../src/jobs/cycle.ts';
import { openRuntime, type Runtime } from '../../src/jobs/runtime.ts';
import { silentLog } from '../../src/log.ts';
import type { SimulatorClock } from '../../src/microsoft/index.ts';
import type { Control } from '../crash/control.ts';
import { readFacts, type Facts } from './facts.ts';
import type { Change } from './happenings.ts';
import type { Plan, RoundPlan } from './plan.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** A Friday, half past seven in Berlin: the three days before it hold the stories of the licensed clinic. UTC epoch ms. */
export const END = Date.UTC(2026, 10, 20, 6, 30);

/**
 * When the service does its rounds: from an evening over the two days that hold the stories. Some are followed by another
 * an hour later, so that what failed is read again before more happens.
 */
export const ROUNDS: readonly number[] = [58, 57, 48, 36, 35, 24, 12, 0].map((before) => END - before * HOUR);

/** Nothing goes wrong any more: what waited is tried, and two days later everything has been due again. */
const CALM_AFTER: readonly number[] = [3 * HOUR, 2 * DAY].map((after) => END + after);

class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash';
}

export interface Outcome {
  readonly facts: Facts;
  /** Answers that were spoiled, by the kind of fault. */
  readonly spoiled: Readonly<Record<string, number>>;
  readonly crashes: number;
  /** Runs of a source that failed. */
  readonly failedReads: number;
}

export interface Given {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly simulated: SimulatorClock;
  readonly tell: Control['tell'];
  readonly happenings: ReadonlyMap<number, readonly Change[]>;
  /** Gets the operations of each round. */
  readonly operations: string[][];
}

/** One life of the service after another, as a supervisor would start them, under the troubles of a plan. */
export class Service {
  readonly #given: Given;
  /** ms by which this machine's clock is off. */
  #skew = 0;
  #round: RoundPlan = {};
  #count = 0;
  #crashes = 0;
  #failedReads = 0;
  #runtime: Runtime | null = null;

  constructor(given: Given) {
    this.#given = given;
  }

  async run(plan: Plan, file: string): Promise<Outcome> {
    try {
      // Somebody used this app before: what lies before a subscription is not there, whoever asks, and ours would begin later.
      await this.#change({ start_subscriptions: true });
      for (const [index, at] of [...ROUNDS, ...CALM_AFTER].entries()) {
        const round = index < ROUNDS.length ? (plan.rounds[index] ?? {}) : {};
        await this.#given.simulated.advanceTo(at + (round.lateMs ?? 0));
        await this.#given.tell('faults', 'DELETE');
        for (const change of this.#given.happenings.get(index) ?? []) await this.#change(change);
        if (round.missed !== true) await this.#doRound(round);
      }
    } finally {
      await this.#runtime?.close();
    }
    const spoiled = (await this.#given.tell('faults', 'GET')) as Record<string, number>;
    return { facts: readFacts(file), spoiled, crashes: this.#crashes, failedReads: this.#failedReads };
  }

  async #change(change: Change): Promise<void> {
    await this.#given.tell(`tenants/${this.#given.config.tenants[0]?.id}`, 'POST', change);
  }

  async #doRound(round: RoundPlan): Promise<void> {
    if (round.faults) await this.#given.tell('faults', 'POST', round.faults);
    if (round.revoked === true) await this.#change({ revoke_tokens: true });
    this.#skew = 0;
    this.#round = round;
    this.#count = 0;
    this.#given.operations.push([]);
    const left = round.crashes?.length ?? 0;
    for (let life = 0; life <= left; life += 1) if (await this.#live()) return;
    throw new Error('a round crashed more often than its plan says');
  }

  /** True when the round came to its end, false when the service died in it. */
  async #live(): Promise<boolean> {
    const before = this.#crashes;
    try {
      this.#runtime ??= await this.#open();
      const tenant = this.#runtime.config.tenants[0];
      if (tenant === undefined) throw new Error('the configuration has no tenant');
      const { sources } = await cycleTenant(this.#runtime, this.#given.catalogue, tenant);
      this.#failedReads += sources.filter((source) => source.outcome.status === 'failed').length;
      return true;
    } catch (error) {
      if (this.#crashes === before) throw error;
      await this.#runtime?.close();
      this.#runtime = null;
      return false;
    }
  }

  async #open(): Promise<Runtime> {
    const { config, simulated } = this.#given;
    const abort = new AbortController();
    const lives = this.#crashes;
    const observe = (operation: string): void => {
      try {
        if (this.#crashes === lives) this.#observe(operation);
        // A dead process does nothing more.
        else throw new SimulatedCrash(operation);
      } catch (error) {
        abort.abort(error);
        throw error;
      }
    };
    const clock: Clock = {
      now: () => simulated.now() + this.#skew,
      sleep: (ms, signal) => simulated.sleep(ms, signal),
    };
    return openRuntime({ config, log: silentLog(), signal: abort.signal, observe, clock });
  }

  #observe(operation: string): void {
    this.#count += 1;
    this.#given.operations.at(-1)?.push(operation);
    const { crashes = [], skews = [] } = this.#round;
    // A clock is set while the program runs, between any two of its steps.
    this.#skew = skews.findLast((skew) => skew.at <= this.#count)?.ms ?? this.#skew;
    if (!crashes.includes(this.#count)) return;
    this.#crashes += 1;
    throw new SimulatedCrash(`operation ${this.#count} (${operation})`);
  }
}
