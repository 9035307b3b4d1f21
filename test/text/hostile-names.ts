/** What someone who controls a display name, a rule or an app in a tenant may write into it. */
const FRAGMENTS: readonly string[] = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</td></tr></table><h1>owned</h1>',
  '<!-- -->',
  ']]>',
  '&lt;b&gt;&#60;i&#62;',
  '<a href="https://evil.example/">click</a>',
  '<style>*{display:none}</style>',
  'a\r\nBcc: all@evil.example',
  'b\n\n<html>second body',
  '\rX-Injected: yes',
  '%0d%0aBcc:x@evil.example',
  '=?utf-8?Q?=0D=0ABcc:_x@evil.example?=',
  '\u2028Subject: other',
  '\u0000\u0007\u001b[31mred',
  '\u202egpj.exe',
  '\u2066\u2067isolated\u2069',
  '\u200f\u200edirection',
  'pay\u00adpal\u200b.example',
  '\u{e0041}\u{e0042}tagged',
  'http://evil.example/login?next=1',
  'HTTPS://EVIL.EXAMPLE',
  'https:\\\\evil.example',
  'www.evil.example/path',
  'evil.example',
  'evil\u3002example',
  'sub.evil-site.co.uk',
  'xn--80ak6aa92e.com',
  '10.0.0.1:8080/x',
  '//evil.example/a',
  '\\\\evil\\share',
  'ftp://evil.example',
  'file:///etc/passwd',
  'mailto:help@evil.example',
  'help@evil.example',
  'javascript:alert(document.cookie)',
  'data:text/html,<b>x</b>',
  'tel:+18005550199',
  'call +1 (800) 555-0199',
  "=cmd|' /C calc'!A0",
  '@SUM(1+1)*cmd',
  '-2+3',
  '{subject}{actor}',
  '{constructor}{__proto__}',
  '${7*7}{{7*7}}',
  'Z\u0300\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308algo',
  '\ud800lone',
  'Ünïcödé Ærøskøbing 李雷 🤷‍♀️',
  'x'.repeat(3_000),
  "Robert'); DROP TABLE alert;--",
  '   ',
];

/** `count` names, the same for every run: the fragments, then two or three of them joined. */
export function hostileNames(count: number): string[] {
  const names = [...FRAGMENTS];
  let state = 12_345;
  const next = (): string => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    // The low bits of such a row repeat soon.
    return FRAGMENTS[(state >>> 12) % FRAGMENTS.length] ?? '';
  };
  const glue = ['', ' ', '/', '.', '@', ': '];
  while (names.length < count) {
    const sign = glue[names.length % glue.length] ?? '';
    names.push([next(), next(), ...(names.length % 3 === 0 ? [next()] : [])].join(sign));
  }
  return names.slice(0, count);
}
