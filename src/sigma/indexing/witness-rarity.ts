import type { Rarity, Witness } from './witness.ts';

/**
 * A guess at the share of events that hold a witness; only its order matters, and only for speed. A text that many
 * rules ask for (the name of a shell) is taken to be common in events too: that is why they ask.
 */
export function rarityIn(): { observe: (rule: object) => Rarity; judge: Rarity } {
  const seen = new Map<string, { rules: number; last: object | null }>();
  const observe = (rule: object): Rarity => {
    return (witness) => {
      const key = keyOf(witness);
      const known = seen.get(key);
      if (known === undefined) seen.set(key, { rules: 1, last: rule });
      else if (known.last !== rule) {
        known.rules++;
        known.last = rule;
      }
      return share(witness);
    };
  };
  const judge: Rarity = (witness) => share(witness) * Math.sqrt(seen.get(keyOf(witness))?.rules ?? 1);
  return { observe, judge };
}

function keyOf({ field, text }: Witness): string {
  return text === null ? `${field}` : `${field ?? ''}\n${text}`;
}

function share(witness: Witness): number {
  if (witness.text === null) return 0.7;
  const { length } = witness.text;
  if (witness.place === 'whole') return length <= 5 ? 0.1 : 0.02;
  const part = 0.6 * 0.75 ** length + 0.002;
  if (witness.field === null) return part * 3;
  return witness.place === 'infix' ? part : part * 0.8;
}
