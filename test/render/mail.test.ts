import { describe, expect, it } from 'vitest';
import { renderDigest } from '../../src/reports/digest.ts';
import { renderFirstLook } from '../../src/reports/first-look.ts';
import { busyFacts, firstLookFacts } from '../reports/busy.ts';
import { quietFacts } from '../reports/facts.ts';

/** What Outlook for Windows (Word), Gmail or a phone does not draw, drops or blocks; and all that could fetch or run. */
const BANNED_CSS = [
  /\bflex\b/u,
  /\bgrid\b/u,
  /\bfloat\b/u,
  /\bposition\s*:/u,
  /background-image/u,
  /background\s*:/u,
  /url\s*\(/u,
  /@import/u,
  /@font-face/u,
  /expression\s*\(/u,
  /\bvar\s*\(/u,
  /\bcalc\s*\(/u,
  /\btransform\b/u,
  /\banimation\b/u,
  /\btransition\b/u,
  /\bopacity\b/u,
  /\bfilter\b/u,
  /box-shadow/u,
  /\d(?:rem|em|vw|vh)\b/u,
  /display\s*:/u,
];
const BANNED_TAGS = /<(?:script|form|input|button|iframe|object|embed|video|audio|svg|img|link|base|a)\b/iu;

const quiet = quietFacts();
const mails = [
  ['busy en', renderDigest(busyFacts('en'))],
  ['busy de', renderDigest(busyFacts('de'))],
  ['quiet en', renderDigest(quiet)],
  ['quiet de', renderDigest({ ...quiet, reader: { ...quiet.reader, language: 'de' } })],
  ['first look en', renderFirstLook(firstLookFacts('en'))],
  ['first look de', renderFirstLook(firstLookFacts('de'))],
] as const;

function stylesOf(html: string): string[] {
  return [
    ...[...html.matchAll(/style="([^"]*)"/gu)].map((match) => match[1] ?? ''),
    ...[...html.matchAll(/<style>([\s\S]*?)<\/style>/gu)].map((match) => match[1] ?? ''),
  ];
}

describe.each(mails)('the HTML of a mail: %s', (_, { html }) => {
  it('holds nothing of the banned list', () => {
    const styles = stylesOf(html).join('\n');
    expect(styles.length).toBeGreaterThan(500);
    expect(BANNED_CSS.filter((banned) => banned.test(styles))).toEqual([]);
    expect(html).not.toMatch(BANNED_TAGS);
    expect(html).not.toMatch(/https?:|src=|href=|\bon\w+=/iu);
  });

  it('is as wide as the screen, and 640 in Word, which knows no max-width', () => {
    expect(html).toMatch(/<!--\[if mso\]><table [^>]*width="640"/u);
    expect(html.match(/<!--\[if mso\]>/gu)).toHaveLength(3);
    expect(html.match(/<!\[endif\]-->/gu)).toHaveLength(3);
    const outside = html.replace(/<!--\[if mso\]>.*?<!\[endif\]-->/gsu, '');
    const widths = [...outside.matchAll(/width="(\d+)"/gu)].map((match) => Number(match[1]));
    expect(widths.filter((width) => width > 320)).toEqual([]);
    expect(outside.match(/max-width:640px/gu)).toHaveLength(1);
  });

  it('sets padding on cells only, since Word draws none on tables', () => {
    const tables = html.match(/<table[^>]*>/gu) ?? [];
    expect(tables.filter((table) => table.includes('padding:'))).toEqual([]);
    expect((html.match(/<table/gu) ?? []).length).toBe((html.match(/<\/table>/gu) ?? []).length);
  });
});
