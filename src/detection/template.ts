/** `text {name} text`: parts alternate between literal and placeholder, beginning with a literal. */
export interface Template {
  readonly source: string;
  readonly parts: readonly string[];
}

const PLACEHOLDER = /\{([^{}]*)\}/g;
const NAME = /^[A-Za-z_@][\w.@]*$/;

/** Throws when a brace is not part of a placeholder. */
export function parseTemplate(source: string): Template {
  const parts = source.split(PLACEHOLDER);
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 1 && !NAME.test(part)) throw new Error(`'{${part}}' is no placeholder; write {name}`);
    if (index % 2 === 0 && /[{}]/.test(part))
      throw new Error(`'${source}' has a brace outside a placeholder`);
  }
  return { source, parts };
}

export function placeholdersOf(template: Template): string[] {
  return template.parts.filter((_, index) => index % 2 === 1);
}

/** Null when `valueOf` has nothing for one of the placeholders. */
export function fillTemplate(template: Template, valueOf: (name: string) => string | null): string | null {
  const filled: string[] = [];
  for (const [index, part] of template.parts.entries()) {
    const value = index % 2 === 0 ? part : valueOf(part);
    if (value === null) return null;
    filled.push(value);
  }
  return filled.join('');
}
