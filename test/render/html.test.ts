import { describe, expect, it } from 'vitest';
import { Html, markup, type HtmlValue } from '../../src/render/html.ts';
import { hostileNames } from '../text/hostile-names.ts';

describe('html', () => {
  it.each<[string, HtmlValue, string]>([
    ['escapes text', '<b>&"\'`', '&lt;b&gt;&amp;&quot;&#39;&#96;'],
    ['takes markup of its own as it is', markup`<i>${'<'}</i>`, '<i>&lt;</i>'],
    ['joins lists', ['a', markup`<br />`, 2], 'a<br />2'],
    ['prints nothing for nothing', [null, undefined, false], ''],
    ['breaks addresses', 'x.example', 'x&#8203;.&#8203;example'],
    ['turns control characters into blanks', 'a\u0000b\r\nc', 'a b  c'],
  ])('%s', (_, value, expected) => {
    expect(markup`<p>${value}</p>`.toString()).toBe(`<p>${expected}</p>`);
  });

  it('takes no look-alike for markup', () => {
    const forged = { toString: () => '<script>' } as unknown as HtmlValue;
    expect(() => markup`${forged}`).toThrow();
  });

  it('lets nobody else make markup', () => {
    const Forge = Html as unknown as new (token: symbol, markup: string) => Html;
    expect(() => new Forge(Symbol('html'), '<script>')).toThrow('only markup');
  });

  it('leaves no sign of markup in an element or an attribute, whatever the name', () => {
    for (const name of hostileNames(300)) {
      const text = markup`<p title="${name}">${name}</p>`.toString();
      const inside = /^<p title="([^"<>]*)">([^<>]*)<\/p>$/u.exec(text);
      expect(inside, text).not.toBeNull();
      expect(inside?.[1]).not.toMatch(/['"`\r\n]/u);
    }
  });
});
