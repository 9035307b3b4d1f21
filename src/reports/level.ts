import type { Level } from '../model/alert.ts';

const RANK: Readonly<Record<Level, number>> = { critical: 4, high: 3, medium: 2, low: 1, informational: 0 };

/** High and critical: what the mail calls serious. */
export function isSerious(level: Level): boolean {
  return RANK[level] >= RANK.high;
}

/** The worst first. Takes rows of the database too, whose level is a plain word. */
export function byLevel(a: { readonly level: string }, b: { readonly level: string }): number {
  return RANK[b.level as Level] - RANK[a.level as Level];
}
