import { describe, expect, it } from 'vitest';
import { entityKinds } from '../../src/records/index.ts';

function parse(raw: object): Record<string, unknown> {
  const answer = entityKinds.get('mail_domain')?.parse(raw);
  if (answer?.ok !== true) throw new Error(answer?.reason ?? 'no parser');
  return answer.value.json;
}

const MAIL = { domain: 'muster.example', mx: [], txt: [], dmarc: [], dkim: [] };

describe('mail records of a domain', () => {
  it.each([
    [['v=spf1 ~all'], '~all'],
    [['v=spf1 a all'], '+all'],
    [['v=spf1 redirect=_spf.example'], 'redirect'],
    [['v=spf1 ip4:192.0.2.1'], null],
    // Two are as good as none.
    [['v=spf1 -all', 'v=spf1 ~all'], null],
    [['v=spf10 -all'], null],
    [[], null],
  ])('SPF %j ends in %s', (txt, ending) => {
    expect(parse({ ...MAIL, txt })['spf_all']).toBe(ending);
  });

  it.each([
    [['v=DMARC1; p=reject'], 'reject'],
    [['v=DMARC1;p=none', 'v=DMARC1;p=reject'], null],
    [['something else'], null],
  ])('DMARC %j asks for %s', (dmarc, policy) => {
    expect(parse({ ...MAIL, dmarc })['dmarc_policy']).toBe(policy);
  });

  it('a domain that takes no mail says so', () => {
    expect(parse({ ...MAIL, mx: [{ exchange: '', priority: 0 }] })['mx']).toEqual(['0 .']);
  });
});
