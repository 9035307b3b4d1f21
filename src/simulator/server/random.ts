/** A seeded source of fractions in [0, 1) (mulberry32), so that disorder is the same on every run of a seed. */
export type Fraction = () => number;

export function createFraction(seed: number): Fraction {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** A new list in random order. */
export function shuffled<T>(items: readonly T[], fraction: Fraction): T[] {
  return items
    .map((item) => ({ item, at: fraction() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

/** The list in random order, about one item in five twice. */
export function disordered<T>(items: readonly T[], fraction: Fraction): T[] {
  return shuffled([...items, ...items.filter(() => fraction() < 0.2)], fraction);
}
