import { describe, expect, it } from 'vitest';
import { DnsError, systemResolver } from '../../src/network/dns.ts';

function refusing(code: string) {
  const fail = () => Promise.reject(Object.assign(new Error(`query ${code}`), { code }));
  return { resolveMx: fail, resolveTxt: fail, resolveCname: fail };
}

describe('the DNS', () => {
  it('gives TXT records in one piece', async () => {
    const resolver = systemResolver({
      resolveMx: async () => [{ exchange: 'mx.example', priority: 10 }],
      resolveTxt: async () => [['v=spf1 ', '-all'], ['MS=1']],
      resolveCname: async () => ['target.example'],
    });
    expect(await resolver.txt('muster.example')).toEqual(['v=spf1 -all', 'MS=1']);
    expect(await resolver.mx('muster.example')).toEqual([{ exchange: 'mx.example', priority: 10 }]);
    expect(await resolver.cname('selector1._domainkey.muster.example')).toEqual(['target.example']);
  });

  it.each(['ENOTFOUND', 'ENODATA'])('%s is the answer that nothing is there', async (code) => {
    const resolver = systemResolver(refusing(code));
    expect(await resolver.mx('muster.example')).toEqual([]);
    expect(await resolver.txt('muster.example')).toEqual([]);
    expect(await resolver.cname('muster.example')).toEqual([]);
  });

  it.each(['ESERVFAIL', 'ETIMEOUT', 'EREFUSED'])('%s is no answer', async (code) => {
    const asked = systemResolver(refusing(code)).txt('_dmarc.muster.example');
    await expect(asked).rejects.toThrow(DnsError);
    await expect(asked).rejects.toThrow(
      `ask the DNS for TXT of _dmarc.muster.example: the resolver answered ${code}; check the resolver of this machine`,
    );
  });
});
