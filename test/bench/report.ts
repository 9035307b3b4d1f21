/** One figure of the bench. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** Behind the value: `us`, `x JSON.parse`, … */
  readonly unit: string;
  /** Null: a figure that explains another. */
  readonly goal: { readonly atMost: number } | { readonly atLeast: number } | null;
}

export function isMet({ value, goal }: Figure): boolean {
  if (goal === null) return true;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** `name  value unit  goal  met`; where a goal is missed, by how much. */
export function toLine(figure: Figure): string {
  const { name, value, unit, goal } = figure;
  const shown = `${name.padEnd(64)}${rounded(value).padStart(9)} ${unit.padEnd(13)}`;
  if (goal === null) return shown.trimEnd();
  const limit = 'atMost' in goal ? goal.atMost : goal.atLeast;
  const factor = 'atMost' in goal ? value / limit : limit / value;
  const verdict = isMet(figure) ? 'met' : `missed by ${rounded(factor)} x`;
  return `${shown} goal: ${'atMost' in goal ? 'at most' : 'at least'} ${limit}, ${verdict}`;
}

function rounded(value: number): string {
  if (value !== 0 && Math.abs(value) < 0.1) return value.toPrecision(2);
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}

/**
 * The best ms of each work over the rounds. The works take turns within a round, so that what else the machine does
 * hits none more than the others; it only ever adds.
 */
export function bestOfRounds<Name extends string>(
  rounds: number,
  works: Readonly<Record<Name, () => void>>,
): Record<Name, number> {
  const names = Object.keys(works) as Name[];
  const best = Object.fromEntries(names.map((name) => [name, Infinity])) as Record<Name, number>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) {
      const start = performance.now();
      works[name]();
      best[name] = Math.min(best[name], performance.now() - start);
    }
  }
  return best;
}
