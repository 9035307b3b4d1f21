import type { Db } from '../store/database.ts';
import { weakenedDetections } from '../store/reports.ts';
import { inLanguage } from '../text/catalogue.ts';
import { cleanWord } from '../text/hostile.ts';
import { LONGEST_DETAIL } from './causes.ts';
import type { Lack, WeakDetection } from './facts.ts';

export async function weakDetections(
  db: Db,
  tenantId: string,
  at: number,
  language: string,
): Promise<WeakDetection[]> {
  const rows = await weakenedDetections(db, tenantId, at);
  return rows.map((row) => {
    const losses = lossesOf(row.reason);
    return {
      title: cleanWord(row.title),
      state: row.state === 'off' ? 'off' : 'reduced',
      ...losses,
      text: reducedText(row.reduced, losses.sources, language),
    };
  });
}

/** Why a correlation could not say what happened, although its source is on. */
const UNDECIDED: readonly string[] = ['gap', 'baseline', 'too_many'];

/** What an assessment's reason (JSON `{without, why}[]`, without = a source, a field or `check`) says is missing. */
function lossesOf(reason: string | null): Pick<WeakDetection, 'sources' | 'lacks'> {
  const list = parseList(reason).map((entry) => ({
    without: String(entry['without']),
    why: String(entry['why']),
  }));
  const lack = ({ without, why }: { without: string; why: string }): Lack | null => {
    if (without === 'check') return 'check';
    // Lists that imported rules ask for are settings too.
    if (without.startsWith('context.') || without.startsWith('%')) return 'setting';
    if (UNDECIDED.includes(why)) return 'unread';
    return why === 'not_carried' ? 'fields' : null;
  };
  return {
    sources: [...new Set(list.filter((entry) => lack(entry) === null).map((entry) => entry.without))],
    lacks: list.map(lack).find((one) => one !== null) ?? null,
  };
}

/** The detection's own words (JSON `{without, text}[]`) for what is left without a source. */
function reducedText(reduced: string, sources: readonly string[], language: string): string | null {
  const entry = parseList(reduced).find((one) => sources.includes(String(one['without'])));
  const texts = entry?.['text'];
  if (typeof texts !== 'object' || texts === null) return null;
  const text = inLanguage(texts as Record<string, unknown>, language);
  return typeof text === 'string' ? cleanWord(text, LONGEST_DETAIL) : null;
}

function parseList(json: string | null): Record<string, unknown>[] {
  const value: unknown = json === null || !json.startsWith('[') ? [] : JSON.parse(json);
  return Array.isArray(value)
    ? value.filter((entry): entry is Record<string, unknown> => typeof entry === 'object' && entry !== null)
    : [];
}
