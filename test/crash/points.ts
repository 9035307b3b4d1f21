/** A small generator, so that the points are the same on every machine: mulberry32. */
export function draws(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

export interface CrashPoint {
  /** The operation (from 1) at which the process dies, before it is done. */
  readonly at: number;
  readonly where: 'inside a transaction' | 'between send and mark' | 'outside';
  readonly operation: string;
}

/** Every operation of a calm run, with where it lies. */
export function classify(operations: readonly string[]): CrashPoint[] {
  let inside = false;
  let sending = false;
  return operations.map((operation, index) => {
    if (operation === 'store:begin') inside = true;
    if (operation === 'store:committed') inside = false;
    if (operation === 'smtp:send') sending = true;
    const where = sending
      ? 'between send and mark'
      : inside && operation !== 'store:begin'
        ? 'inside a transaction'
        : 'outside';
    if (operation === 'store:committed' || (sending && operation === 'store:UpdateQueryNode'))
      sending = false;
    return { at: index + 1, where, operation };
  });
}

/** `inside` points inside transactions, `sending` between send and mark, the rest anywhere; spread by the seed. */
export function choosePoints(
  operations: readonly string[],
  counts: { readonly inside: number; readonly sending: number; readonly outside: number },
  seed: number,
): CrashPoint[] {
  const random = draws(seed);
  const all = classify(operations);
  const of = (where: CrashPoint['where'], count: number): CrashPoint[] => {
    const left = all.filter((point) => point.where === where);
    return Array.from({ length: Math.min(count, left.length) }, () =>
      left.splice(Math.floor(random() * left.length), 1),
    )
      .flat()
      .sort((a, b) => a.at - b.at);
  };
  return [
    ...of('inside a transaction', counts.inside),
    ...of('between send and mark', counts.sending),
    ...of('outside', counts.outside),
  ];
}
