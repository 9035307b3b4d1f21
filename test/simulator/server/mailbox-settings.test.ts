import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFixture } from './client.ts';
import type { Fixture } from './client.ts';
import { PREMIUM, userId } from './world.ts';

let fixture: Fixture;

beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(() => fixture.close());

const path = (n: number): string => `/v1.0/users/${userId(n)}/mailboxSettings`;

describe('mailbox settings', () => {
  it('are one object without an id, whose unscheduled reply has times that move', async () => {
    const token = await fixture.token(PREMIUM);
    const first = await fixture.get(token, path(0));
    expect(first.body).toMatchObject({
      userPurpose: 'user',
      automaticRepliesSetting: { status: 'disabled' },
    });
    expect(first.body).not.toHaveProperty('id');
    await fixture.advance(3_600_000);
    const later = await fixture.get(await fixture.token(PREMIUM), path(0));
    expect(later.body).not.toEqual(first.body);
  });

  it('are what somebody set', async () => {
    const value = {
      id: userId(1),
      userPurpose: 'room',
      automaticRepliesSetting: { status: 'alwaysEnabled' },
    };
    await fixture.control(`tenants/${PREMIUM}`, { put_object: { collection: 'mailboxSettings', value } });
    const { body } = await fixture.get(await fixture.token(PREMIUM), path(1));
    expect(body).toMatchObject({
      userPurpose: 'room',
      automaticRepliesSetting: { status: 'alwaysEnabled', externalAudience: 'all' },
    });
  });

  it('are refused without a mailbox, without the permission and with an option', async () => {
    const token = await fixture.token(PREMIUM);
    expect(await fixture.get(token, path(5))).toMatchObject({
      status: 404,
      code: 'MailboxNotEnabledForRESTAPI',
    });
    expect((await fixture.get(token, `${path(0)}?$expand=x`)).status).toBe(400);
    await fixture.control(`tenants/${PREMIUM}`, { remove_roles: ['MailboxSettings.Read'] });
    const poor = await fixture.token(PREMIUM);
    expect(await fixture.get(poor, path(0))).toMatchObject({
      status: 403,
      code: 'Authorization_RequestDenied',
    });
    await fixture.control(`tenants/${PREMIUM}`, { add_roles: ['MailboxSettings.Read'] });
  });
});
