import { generateWorld } from '../../../src/simulator/generate/index.ts';
import type { LogRecord, Raw, SimulatedTenant, World } from '../../../src/simulator/world.ts';

/** A Tuesday morning in winter time, thirty days after the middle of autumn. */
export const TO = Date.parse('2026-11-24T06:00:00Z');

export function makeWorld(seed = 1, days = 30, to = TO): World {
  return generateWorld({ seed, days, to });
}

export function tenantOf(world: World, licence: 'p1' | 'free' = 'p1'): SimulatedTenant {
  const tenant = world.tenants.find((candidate) => candidate.licence === licence);
  if (!tenant) throw new Error(`no ${licence} tenant in the world`);
  return tenant;
}

/** The tenant of this name; throws when the world has none. */
export function tenantNamed(world: World, name: string): SimulatedTenant {
  const tenant = world.tenants.find((candidate) => candidate.name === name);
  if (!tenant) throw new Error(`no tenant ${name} in the world`);
  return tenant;
}

/** Ids of everything that a labelled story says about itself. */
export function labelledIds(world: World): Set<string> {
  return new Set(world.stories.flatMap(({ steps }) => steps.map((step) => step.record_id)));
}

/** Every form in which a record can be read. */
export function forms(entry: LogRecord): Raw[] {
  return [entry.record, ...(entry.revisions ?? []).map(({ record }) => record)];
}

/** A value inside a record by dotted path. */
export function at(record: Raw, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (value as Raw | null)?.[key], record);
}

/** The whole world as text; maps as lists. */
export function asText(world: World): string {
  return JSON.stringify(world, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
}
