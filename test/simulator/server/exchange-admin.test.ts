import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { secretForm, startFixture, valueOf } from './client.ts';
import type { Fixture, Reply } from './client.ts';
import { FREE, PREMIUM, userId } from './world.ts';

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture();
  await change({ add_roles: ['Exchange.ManageAsAppV2'], exchange: { role_group: 'Recipient Management' } });
});
afterAll(() => fixture.close());

const change = (body: object): Promise<Reply> => fixture.control(`tenants/${PREMIUM}`, body);
const ANCHOR = `APP:SystemMailbox{bb558c35-97f1-4cb9-8ff7-d53741dc928c}@${PREMIUM}`;

async function token(scope = fixture.ready.exchange): Promise<string> {
  const form = { ...secretForm(fixture.ready, PREMIUM), scope: `${scope}/.default` };
  return String((await fixture.postToken(PREMIUM, form)).body['access_token']);
}

interface Asked {
  readonly endpoint?: string;
  readonly cmdlet?: string;
  readonly parameters?: object;
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly scope?: string;
}

async function ask(asked: Asked = {}): Promise<Reply> {
  const { endpoint = 'Mailbox', cmdlet = 'Get-Mailbox', parameters = {}, method = 'POST' } = asked;
  const url = endpoint.startsWith('https:')
    ? endpoint
    : `${fixture.ready.exchange}/adminapi/v2.0/${PREMIUM}/${endpoint}`;
  return fixture.ask(url, {
    method,
    headers: {
      authorization: `Bearer ${await token(asked.scope)}`,
      'content-type': 'application/json',
      'x-anchormailbox': ANCHOR,
      ...asked.headers,
    },
    ...(method === 'GET'
      ? {}
      : { body: JSON.stringify({ CmdletInput: { CmdletName: cmdlet, Parameters: parameters } }) }),
  });
}

const FOLDER = { endpoint: 'MailboxFolderPermission', cmdlet: 'Get-MailboxFolderPermission' };

describe('the Exchange Online Admin API', () => {
  it('lists mailboxes, also one that no user has, and nobody without a mailbox', async () => {
    const found = valueOf(await ask({ parameters: { ResultSize: 'Unlimited' } }));
    const ids = found.map((one) => one['ExternalDirectoryObjectId']);
    expect(ids).toEqual([userId(0), userId(1), '']);
  });

  it('tells only what its page names where it is so set, and then knows no other name', async () => {
    await change({ exchange: { tells: 'documented' } });
    expect(valueOf(await ask())[0]).not.toHaveProperty('ForwardingSmtpAddress');
    expect((await ask({ endpoint: 'Mailbox?$select=ForwardingSmtpAddress' })).status).toBe(400);
    await change({ exchange: { tells: 'everything' } });
    const [first] = valueOf(await ask({ endpoint: 'Mailbox?$select=ForwardingSmtpAddress' }));
    expect(first).toEqual({ ForwardingSmtpAddress: null });
  });

  it('names folders in the language of the mailbox', async () => {
    const of = (path: string) =>
      ask({ ...FOLDER, parameters: { Identity: `person0@muster.example:\\${path}` } });
    expect(valueOf(await of('Kalender'))).toMatchObject([
      { User: 'Default', AccessRights: ['AvailabilityOnly'] },
      { User: 'Anonymous', AccessRights: ['None'] },
    ]);
    expect(valueOf(await of(''))).toHaveLength(2);
    expect(await of('Calendar')).toMatchObject({ status: 404, code: 'NotFound' });
  });

  const refusals: readonly (readonly [string, Asked, number])[] = [
    ['a token of Graph', { scope: 'https://graph.microsoft.com' }, 401],
    ['another tenant', { endpoint: `../${FREE}/Mailbox` }, 403],
    ['no routing hint', { headers: { 'x-anchormailbox': '' } }, 400],
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 415],
    ['a cmdlet that writes', { cmdlet: 'Set-Mailbox' }, 400],
    ['a parameter that it does not know', { parameters: { Filter: 'x' } }, 400],
    ['an endpoint that is none', { endpoint: 'InvokeCommand' }, 404],
    ['GET', { method: 'GET' }, 405],
  ];
  it.each(refusals)('refuses %s', async (_name, asked, status) => {
    expect((await ask(asked)).status).toBe(status);
  });

  it('refuses an app without the permission, and one without a role group', async () => {
    await change({ exchange: { role_group: 'none' } });
    expect((await ask()).status).toBe(403);
    await change({
      exchange: { role_group: 'Recipient Management' },
      remove_roles: ['Exchange.ManageAsAppV2'],
    });
    expect((await ask()).status).toBe(403);
    await change({ add_roles: ['Exchange.ManageAsAppV2'] });
    expect((await ask()).status).toBe(200);
  });
});
