/** A rule around flow-style YAML of a detection. */
function around(detection: string, top = ''): string {
  return `${top}title: t\nlogsource: {product: p}\ndetection:\n  ${detection}\n  condition: s\n`;
}

/** What a limit is for: deep, long, wide, and many times the same. */
export const EXTREMES: readonly ((size: number) => string)[] = [
  (size) => around(`s: ${'['.repeat(size)}${']'.repeat(size)}`),
  (size) => around(`s: ${'{a: '.repeat(size)}1${'}'.repeat(size)}`),
  (size) => around(`s:\n    ${'- '.repeat(size)}a`),
  (size) => around(`s:\n    ${'? '.repeat(size)}a`),
  (size) => around(`s: {a: "${'ab*-?'.repeat(size)}"}`),
  (size) => around(`s: {"a|re": "${'(a|b)*?'.repeat(size)}"}`),
  (size) => around(`s: {"a|re": "${'('.repeat(size)}a${')'.repeat(size)}"}`),
  (size) => around(`s: {"a|windash|contains": "${' -a'.repeat(size)}"}`),
  (size) => around(`s: {"a|fieldref": "${'a.'.repeat(size)}b"}`),
  (size) => around(`s:\n    ? ${'a.'.repeat(size)}b\n    : 1`),
  (size) => around(`s:\n    ? ${'a[any].'.repeat(size)}b\n    : 1`, 'sigma-version: 3\n'),
  (size) => around(`s:\n    ? a${'[0]'.repeat(size)}\n    : 1`, 'sigma-version: 3\n'),
  (size) => around(`s:\n    ? a${'|contains'.repeat(size)}\n    : 1`),
  (size) => around(`s:\n    ? a${'|base64'.repeat(Math.min(size, 200))}\n    : abc`),
  (size) => around(`s: {"a|contains": [&x "${'ab'.repeat(size)}"${', *x'.repeat(size)}]}`),
  (size) => around(`s: [&a [x, y], ${aliasBomb(Math.min(size, 60))}]`),
  (size) => around(`s: {"a|expand": "${'%a%'.repeat(Math.min(size, 400))}${'b'.repeat(size)}"}`),
  (size) => around(`${Array.from({ length: size }, (_, i) => `s${i}: a`).join('\n  ')}\n  s: b`),
  (size) =>
    around(`s: a\n  s1: b`).replace('condition: s', `condition: ${'( '.repeat(size)}s${' )'.repeat(size)}`),
  (size) => around(`s: a`).replace('condition: s', `condition: ${'not '.repeat(size)}s`),
  (size) => {
    const names = Array.from({ length: size }, (_, i) => `s${i}: a`).join('\n  ');
    const conditions = Array.from({ length: size / 10 }, () => `    - ${'1 of s* or '.repeat(50)}s0`).join(
      '\n',
    );
    return around(names).replace('condition: s', `condition:\n${conditions}`);
  },
  (size) =>
    `action: global\n${around(`s: {"a|contains": "${'ab*'.repeat(size)}"}`)}${Array.from({ length: size / 10 }, (_, i) => `---\ntitle: t${i}\n`).join('')}`,
  (size) => Array.from({ length: size }, (_, i) => `---\ntitle: t${i}\n`).join(''),
  (size) =>
    `${around('s: {type: x}')}name: x\n---\ntitle: c\ncorrelation: {type: event_count, rules: [x], group-by: [${'"a.b", '.repeat(size)}"${'a.'.repeat(size)}"], timespan: 1m, condition: {gte: 1}}\n`,
];

function aliasBomb(levels: number): string {
  return Array.from(
    { length: levels },
    (_, i) => `&a${i} [*a${i === 0 ? '' : i - 1}, *a${i === 0 ? '' : i - 1}]`,
  ).join(', ');
}
