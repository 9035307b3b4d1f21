import { describe, expect, it } from 'vitest';
import { fitTemplate, readersWords, type Names } from '../../src/reports/words.ts';
import { textsFor } from '../../src/text/catalogue.ts';
import { fillTemplate } from '../../src/text/template.ts';

const NAMES: Names = {
  byId: new Map(),
  byUpn: new Map([['anna@muster.example', 'Anna Keller']]),
};

function told(
  language: string,
  text: string,
  words: Record<string, string>,
  kind: 'management' | 'technical' = 'management',
): string {
  const texts = textsFor(language);
  const readable = readersWords(words, NAMES, { texts, kind });
  return fillTemplate(fitTemplate(text, readable, texts), readable, texts.unknownWord);
}

describe("a detection's text in the reader's words", () => {
  it.each([
    ['a person by name', 'en', '{actor} did it', { actor: 'Anna@Muster.Example' }, 'Anna Keller did it'],
    ['a stranger by address', 'en', 'to {target}', { target: 'x@out.example' }, 'to x@out.example'],
    ['a country', 'en', 'from {country}', { country: 'NG' }, 'from Nigeria'],
    ['a country with an article', 'en', 'in {country}', { country: 'NL' }, 'in the Netherlands'],
    ['a country in German', 'de', 'aus {country}', { country: 'FR' }, 'aus Frankreich'],
    ['a country with an article in German', 'de', 'in {country}', { country: 'CH' }, 'in der Schweiz'],
    ['what is no country', 'en', 'from {country}', { country: 'constructor' }, 'from constructor'],
    ['no address in brackets', 'en', 'from NL ({ip}), abroad', { ip: '198.51.100.1' }, 'from NL, abroad'],
    ['no address after a word', 'en', 'with IMAP from {ip}, old', { ip: '2001:db8::1' }, 'with IMAP, old'],
    ['no address in both', 'de', 'entfernt (von {ip}).', { ip: '198.51.100.1' }, 'entfernt.'],
    ['no address elsewhere', 'en', '{ip} did it', { ip: '198.51.100.1' }, 'an internet address did it'],
    ['no address inside a word', 'en', '{note}', { note: 'x 198.51.100.1 y' }, 'x an internet address y'],
    ['a time, which is no address', 'en', '{note}', { note: 'at 09:41' }, 'at 09:41'],
    ['one licence', 'en', '{n} licence(s).', { n: '1' }, '1 licence.'],
    ['two licences', 'en', '{n} licence(s).', { n: '2' }, '2 licences.'],
    ['no licence', 'de', '{n} Lizenz(en)', { n: '0' }, '0 Lizenzen'],
    ['one licence in German', 'de', '{n} Lizenz(en)', { n: '1' }, '1 Lizenz'],
  ])('tells %s', (_, language, text, words, expected) => {
    expect(told(language, text, words as Record<string, string>)).toBe(expected);
  });

  it('tells IT the address', () => {
    expect(told('en', 'from NL ({ip})', { ip: '198.51.100.1' }, 'technical')).toBe('from NL (198.51.100.1)');
  });
});
