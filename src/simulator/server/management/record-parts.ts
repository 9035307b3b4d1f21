import { createHash } from 'node:crypto';
import type { Raw } from '../../world.ts';

/** A GUID that follows from what it stands for. */
export function hashedGuid(kind: string, id: string): string {
  const hex = createHash('sha256').update(`${kind}/${id}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** In [0, 1), following from what it stands for. */
export function hashedFraction(kind: string, id: string): number {
  return createHash('sha256').update(`${kind}/${id}`).digest().readUInt32BE(0) / 0x100000000;
}

export function pair(name: string, value: string): Raw {
  return { Name: name, Value: value };
}
