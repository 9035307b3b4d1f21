import type { CharacterSet, RegexNode } from './regex-syntax.ts';

/** More alternatives than this say too little to be worth looking for. */
const MAX_ALTERNATIVES = 24;

/**
 * Folded texts of which every value that the expression matches holds at least one, or null where none can be told.
 * Only runs of single ASCII characters count, in which folding is the lower case of A–Z; assertions and lookaround
 * take no character, so what stands around them is adjacent.
 */
export function requiredLiterals(node: RegexNode): readonly string[] | null {
  switch (node.kind) {
    case 'set': {
      const character = singleCharacter(node.set);
      return character === null ? null : [character];
    }
    case 'empty':
    case 'look':
      return null;
    case 'choice':
      return unionOf(node.of);
    case 'repeat':
      return node.min === 0 ? null : requiredLiterals(node.body);
    case 'sequence':
      return bestOf(node.of);
  }
}

function unionOf(branches: readonly RegexNode[]): readonly string[] | null {
  const union: string[] = [];
  for (const branch of branches) {
    const literals = requiredLiterals(branch);
    if (literals === null) return null;
    union.push(...literals);
  }
  return union.length > MAX_ALTERNATIVES ? null : union;
}

/** Every part of a sequence must be there: the one whose shortest literal is longest says most. */
function bestOf(parts: readonly RegexNode[]): readonly string[] | null {
  let best: readonly string[] | null = null;
  let run = '';
  const offer = (literals: readonly string[] | null): void => {
    if (literals !== null && shortest(literals) > shortest(best)) best = literals;
  };
  for (const part of flatten(parts)) {
    const character = part.kind === 'set' ? singleCharacter(part.set) : null;
    if (character !== null) run += character;
    else if (part.kind !== 'empty' && part.kind !== 'look') {
      offer(run === '' ? null : [run]);
      run = '';
      offer(requiredLiterals(part));
    }
  }
  offer(run === '' ? null : [run]);
  return best;
}

/** Groups without a choice are part of the sequence around them. */
function flatten(parts: readonly RegexNode[]): RegexNode[] {
  return parts.flatMap((part) => (part.kind === 'sequence' ? flatten(part.of) : [part]));
}

function shortest(literals: readonly string[] | null): number {
  return literals === null ? 0 : Math.min(...literals.map((literal) => literal.length));
}

/** The lower-case character, where the set holds only it and perhaps its capital. */
function singleCharacter(set: CharacterSet): string | null {
  if (set === 0n || set >= 1n << 128n) return null;
  const low = lowestBit(set);
  const rest = set & (set - 1n);
  if (rest === 0n) return String.fromCharCode(low).toLowerCase();
  const isPair = low >= 65 && low <= 90 && rest === 1n << BigInt(low + 32);
  return isPair ? String.fromCharCode(low + 32) : null;
}

function lowestBit(set: CharacterSet): number {
  return (set & -set).toString(2).length - 1;
}
