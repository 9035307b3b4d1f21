/**
 * Case folding that keeps the length in UTF-16 units, so that lengths can be compared before anything is folded
 * and no character changes its neighbours: U+0130 lower-cases to two units (it stays as it is here), and a
 * capital sigma lower-cases to a final or a medial form depending on what follows (always medial here).
 */
export function fold(text: string): string {
  const lower = text.toLowerCase();
  const kept = lower.length === text.length ? lower : foldEach(text);
  return kept.includes('ς') ? kept.replaceAll('ς', 'σ') : kept;
}

function foldEach(text: string): string {
  let folded = '';
  for (const character of text) {
    const lower = character.toLowerCase();
    folded += lower.length === character.length ? lower : character;
  }
  return folded;
}
