import type { Reader } from './head.ts';
import { keyOf, readText, readTexts, UUID } from './head.ts';
import { parseTimestamp } from './time-part.ts';

/** Sigma specification 2.1.0, "Related Rules"; pySigma also knows `correlation`. */
const RELATIONS: readonly string[] = ['derived', 'obsolete', 'merged', 'renamed', 'similar', 'correlation'];
/** Sigma specification 2.1.0, tags appendix. */
const TAG_NAMESPACES: readonly string[] = ['attack', 'car', 'cve', 'd3fend', 'detection', 'stp', 'tlp'];
const TAG = /^[a-z0-9_-]+\.[^\s.]\S*$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Checks the keys that describe a document and decide nothing. */
export function checkMetadata(reader: Reader): void {
  checkRelated(reader);
  for (const key of ['date', 'modified']) checkDate(reader, key);
  for (const key of ['references', 'fields', 'scope']) readTexts(reader, key);
  readText(reader, 'license');
  checkAuthor(reader);
  checkTags(reader);
}

function checkRelated(reader: Reader): void {
  const { document, keys, plain } = reader;
  const entry = keys.get('related');
  if (entry === undefined || plain['related'] === null) return;
  const related = plain['related'];
  if (!Array.isArray(related)) {
    document.error(entry.keyNode, 'related must be a list of {id, type}');
    return;
  }
  const nodes = document.members(entry.value);
  related.forEach((one: unknown, i) => {
    const problem = relationProblem(one);
    if (problem !== null) document.error(nodes[i] ?? entry.keyNode, `related: ${problem}`);
  });
}

function relationProblem(one: unknown): string | null {
  const { id = null, type = null } =
    typeof one === 'object' && one !== null ? (one as Record<string, unknown>) : {};
  if (typeof id !== 'string' || !UUID.test(id)) return `id ${JSON.stringify(id)} is not a UUID`;
  if (type === 'obsoletes') return "type 'obsoletes' is the spelling of Sigma 1; write obsolete";
  if (typeof type === 'string' && RELATIONS.includes(type)) return null;
  return `type ${JSON.stringify(type)} is not one of ${RELATIONS.join(', ')}`;
}

function checkDate(reader: Reader, key: string): void {
  const text = readText(reader, key);
  if (text === null) return;
  if (!DATE.test(text) || parseTimestamp(text) === null)
    reader.document.lint(keyOf(reader, key), `${key} '${text}' should be a date like 2026-01-31`);
}

function checkAuthor(reader: Reader): void {
  const author = Object.hasOwn(reader.plain, 'author') ? reader.plain['author'] : null;
  if (author === null || typeof author === 'string') return;
  reader.document.lint(keyOf(reader, 'author'), 'author should be a text, names separated by commas');
}

function checkTags(reader: Reader): void {
  const tags = Object.hasOwn(reader.plain, 'tags') ? reader.plain['tags'] : null;
  if (!Array.isArray(tags)) return;
  for (const tag of tags) {
    if (typeof tag !== 'string') continue;
    const [namespace = ''] = tag.split('.');
    if (!TAG.test(tag)) reader.document.lint(keyOf(reader, 'tags'), `tag '${tag}' should be namespace.name`);
    else if (!TAG_NAMESPACES.includes(namespace))
      reader.document.lint(
        keyOf(reader, 'tags'),
        `tag '${tag}': namespaces are ${TAG_NAMESPACES.join(', ')}`,
      );
  }
}
