import { describe, expect, it } from 'vitest';
import type { StateOptions, StatePart } from '../../src/collectors/collector.ts';
import { mailDomainsDns } from '../../src/collectors/mail-domains-dns.ts';
import type { Graph } from '../../src/microsoft/index.ts';
import { DnsError, type DnsResolver } from '../../src/network/dns.ts';

/** Answers by name; what is not there is empty, what is an Error is thrown. */
function resolver(zone: Readonly<Record<string, readonly string[] | Error>>): DnsResolver {
  const asked = async (name: string) => {
    const found = zone[name] ?? [];
    if (found instanceof Error) throw found;
    return found;
  };
  return {
    mx: async (name) => (await asked(`mx ${name}`)).map((exchange) => ({ exchange, priority: 0 })),
    txt: asked,
    cname: asked,
  };
}

async function read(dns: StateOptions['dns']): Promise<StatePart[]> {
  const parts: StatePart[] = [];
  const options: StateOptions = {
    signal: new AbortController().signal,
    deltaLink: null,
    lastReads: new Map(),
    mailboxes: [],
    groups: [],
    now: 0,
    hasP1: null,
    users: [],
    dns,
  };
  // It never asks Graph.
  for await (const part of mailDomainsDns.read(undefined as unknown as Graph, options)) parts.push(part);
  return parts;
}

describe('mail domains', () => {
  it('are not asked about unless the operator allows it', async () => {
    expect(await read(null)).toEqual([
      {
        type: 'unread',
        scope: '*',
        status: 'skipped',
        reason: 'not_configured',
        detail: 'asking the DNS is not switched on; set TENANTWATCH_MAIL_DNS=on',
      },
    ]);
  });

  it('are read each by itself, and then as a whole', async () => {
    const zone = {
      'mx a.example': ['a-example.mail.protection.outlook.com'],
      'a.example': ['v=spf1 -all'],
      '_dmarc.a.example': ['v=DMARC1; p=reject'],
      'selector1._domainkey.a.example': ['selector1-a-example._domainkey.muster.onmicrosoft.com'],
    };
    const parts = await read({ resolver: resolver(zone), domains: ['a.example', 'b.example'] });
    expect(parts.map((part) => [part.type, part.scope])).toEqual([
      ['page', 'a.example'],
      ['done', 'a.example'],
      ['page', 'b.example'],
      ['done', 'b.example'],
      ['page', '*'],
      ['done', '*'],
    ]);
    expect(parts[0]).toMatchObject({
      objects: [
        {
          id: 'a.example',
          raw: {
            domain: 'a.example',
            mx: [{ exchange: 'a-example.mail.protection.outlook.com', priority: 0 }],
            txt: ['v=spf1 -all'],
            dmarc: ['v=DMARC1; p=reject'],
            dkim: [
              { selector: 'selector1', target: 'selector1-a-example._domainkey.muster.onmicrosoft.com' },
            ],
          },
        },
      ],
    });
    expect(parts.at(-1)).toMatchObject({ completeFor: ['mail_domain'] });
    expect(parts[1]).toMatchObject({ completeFor: null });
  });

  it('that cannot be resolved hide no other, and nothing is taken away then', async () => {
    const zone = { '_dmarc.a.example': new DnsError('TXT of _dmarc.a.example', 'ESERVFAIL') };
    const parts = await read({ resolver: resolver(zone), domains: ['a.example', 'b.example'] });
    expect(parts.map((part) => [part.type, part.scope])).toEqual([
      ['unread', 'a.example'],
      ['page', 'b.example'],
      ['done', 'b.example'],
    ]);
    expect(parts[0]).toMatchObject({
      status: 'failed',
      detail: expect.stringContaining('ESERVFAIL') as string,
    });
  });

  it('are given up for now when the resolver does not answer at all', async () => {
    const zone = { 'a.example': new DnsError('TXT of a.example', 'ETIMEOUT') };
    const parts = await read({ resolver: resolver(zone), domains: ['a.example', 'b.example', 'c.example'] });
    expect(parts.map((part) => [part.type, part.scope])).toEqual([['unread', '*']]);
  });
});
