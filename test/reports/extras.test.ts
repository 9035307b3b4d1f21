import { describe, expect, it } from 'vitest';
import { renderDigest } from '../../src/reports/digest.ts';
import { BREAK } from '../../src/text/hostile.ts';
import { NOTHING_UNSEEN, quietFacts } from './facts.ts';

const EXTRAS = ['conditional-access-policies', 'named-locations', 'devices', 'secure-score'];

function mail(
  language: string,
  kind: 'management' | 'technical',
  extras: readonly string[] = EXTRAS,
): string {
  const facts = quietFacts({ unseen: { ...NOTHING_UNSEEN, extras } });
  return renderDigest({ ...facts, reader: { ...facts.reader, language, kind } }).text.replaceAll(BREAK, '');
}

describe('what could be watched if it were granted', () => {
  it.each([
    ['en', 'management', 'Not set up to be watched: 4 more areas; IT has the list.'],
    [
      'en',
      'technical',
      "Not set up to be watched: 4 more areas (the rules for sign-ins (Conditional Access), named locations, devices and Microsoft's secure score).",
    ],
    ['de', 'management', 'Noch nicht zum Beobachten eingerichtet: 4 weitere Bereiche; die IT hat die Liste.'],
    [
      'de',
      'technical',
      'Noch nicht zum Beobachten eingerichtet: 4 weitere Bereiche (die Regeln für Anmeldungen (Bedingter Zugriff), benannte Standorte, Geräte und die Sicherheitsbewertung von Microsoft).',
    ],
  ] as const)('is one line in the mail (%s, %s)', (language, kind, line) => {
    expect(mail(language, kind)).toContain(line);
  });

  it('does not make a quiet week one that was seen in part', () => {
    expect(mail('en', 'management').split('\n')[0]).toBe('Nothing happened this week that needs you.');
  });

  it('is not told where there is none', () => {
    expect(mail('en', 'technical', [])).not.toContain('Not set up');
  });
});
