import { describe, expect, it } from 'vitest';
import {
  butterCall,
  createOrganization,
  createTwilio,
  importNumber,
  newPhoneNumber,
  phoneNumberBody,
} from '../../support/butter.ts';
import { onBothDatabases } from '../../support/matrix.ts';

const path = '/api/phone-numbers';
const sip = {
  provider: 'sip',
  sip_trunk_name: 'Trunk',
  sip_username: 'caller',
  sip_password: 'SECRET-sip-password',
  sip_server_address: 'sip.example.com',
};

describe('phone numbers', () => {
  onBothDatabases((app) => {
    it('are imported with Twilio, read, changed, reassigned and deleted', async () => {
      const [first, second] = [await createTwilio(app()), await createTwilio(app())];
      const phone_number = newPhoneNumber();
      const json = { ...phoneNumberBody(first, phone_number), supports_inbound: true };
      const imported = await butterCall(app(), 'POST', path, { json });
      const { phone_number_id: id } = imported.json.data;
      expect([imported.status, imported.json]).toEqual([
        201,
        {
          success: true,
          message: 'Phone number imported successfully with twilio',
          data: {
            phone_number_id: expect.stringMatching(/^phon_[0-9a-f]{12}$/),
            phone_number,
            provider: 'twilio',
            status: 'free',
            supports_inbound: true,
            supports_outbound: false,
            integration_id: first,
            assigned_agent_id: null,
            created_at: expect.stringMatching(/Z$/),
            updated_at: expect.stringMatching(/Z$/),
          },
        },
      ]);
      expect((await butterCall(app(), 'GET', `${path}/${id}`)).json.data).toEqual(imported.json.data);
      const change = { integration_id: second, supports_outbound: true, assigned_agent_id: 'agent_1' };
      const changed = await butterCall(app(), 'PUT', `${path}/${id}`, { json: change });
      expect(changed.json.data).toMatchObject({ ...change, status: 'assigned', supports_inbound: true });
      expect((await butterCall(app(), 'DELETE', `/api/integrations/${first}`)).status).toBe(200);
      expect((await butterCall(app(), 'DELETE', `/api/integrations/${second}`)).status).toBe(409);
      const freed = await butterCall(app(), 'PUT', `${path}/${id}`, { json: { assigned_agent_id: null } });
      expect(freed.json.data.status).toBe('free');
      const deleted = await butterCall(app(), 'DELETE', `${path}/${id}`);
      expect([deleted.status, deleted.json]).toEqual([
        200,
        { success: true, message: 'Phone number deleted successfully', data: freed.json.data },
      ]);
      expect((await butterCall(app(), 'DELETE', `${path}/${id}`)).json).toEqual({
        detail: 'Phone number not found',
      });
      expect((await butterCall(app(), 'DELETE', `/api/integrations/${second}`)).status).toBe(200);
    });

    it('are imported over SIP, and their secrets never come back', async () => {
      const json = { ...sip, phone_number: newPhoneNumber(), supports_outbound: true, inbound_pin: '998877' };
      const imported = await butterCall(app(), 'POST', path, { json });
      expect([imported.status, imported.json.message]).toEqual([
        201,
        'Phone number imported successfully with sip',
      ]);
      const got = await butterCall(app(), 'GET', `${path}/${imported.json.data.phone_number_id}`);
      for (const { text } of [imported, got]) expect(text).not.toMatch(/SECRET|998877/);
      expect(got.json.data.integration_id).toBe(null);
    });

    it('over SIP take outbound calls only with all that these need', async () => {
      const json = { phone_number: newPhoneNumber(), provider: 'sip' };
      const bare = await butterCall(app(), 'POST', path, { json });
      const change = { json: { supports_outbound: true } };
      const refused = await butterCall(app(), 'PUT', `${path}/${bare.json.data.phone_number_id}`, change);
      expect([refused.status, refused.json.detail[0].loc]).toEqual([422, ['body', 'supports_outbound']]);
      const whole = await butterCall(app(), 'POST', path, {
        json: { ...sip, phone_number: newPhoneNumber() },
      });
      const allowed = await butterCall(app(), 'PUT', `${path}/${whole.json.data.phone_number_id}`, change);
      expect([allowed.status, allowed.json.data.supports_outbound]).toEqual([200, true]);
    });

    it('are unique in the whole system, and the second one learns nothing else', async () => {
      const stranger = await createOrganization(app());
      const { phoneNumber } = await importNumber(app(), await createTwilio(app()));
      for (const client of [app(), stranger]) {
        const json = phoneNumberBody(await createTwilio(client), phoneNumber);
        const second = await butterCall(client, 'POST', path, { json });
        expect([second.status, second.json]).toEqual([409, { detail: 'Phone number already exists' }]);
      }
    });

    it('refer only to integrations of their own organization that suit them', async () => {
      const stranger = await createOrganization(app());
      const foreign = await createTwilio(stranger);
      const own = await importNumber(app(), await createTwilio(app()));
      const segment = await butterCall(app(), 'POST', '/api/integrations', {
        json: {
          name: 'S',
          credentials: { provider: 'segment', write_key: 'x'.repeat(10), destination_region: 'EU' },
        },
      });
      const at = `${path}/${own.id}`;
      for (const integration_id of [foreign, 'intg_000000000000']) {
        const imported = await butterCall(app(), 'POST', path, { json: phoneNumberBody(integration_id) });
        expect([imported.status, imported.json]).toEqual([404, { detail: 'Integration not found' }]);
        expect((await butterCall(app(), 'PUT', at, { json: { integration_id } })).status).toBe(404);
      }
      const { integration_id } = segment.json.data;
      const unsuited = await butterCall(app(), 'POST', path, { json: phoneNumberBody(integration_id) });
      expect([unsuited.status, unsuited.json.detail[0].loc]).toEqual([422, ['body', 'integration_id']]);
      expect((await butterCall(app(), 'PUT', at, { json: { integration_id } })).status).toBe(422);
      const trunk = await butterCall(app(), 'POST', path, {
        json: { ...sip, phone_number: newPhoneNumber() },
      });
      const twilio = await createTwilio(app());
      const change = { json: { integration_id: twilio } };
      expect(
        (await butterCall(app(), 'PUT', `${path}/${trunk.json.data.phone_number_id}`, change)).status,
      ).toBe(422);
    });

    it('are listed newest first, by status and by integration', async () => {
      const own = await createOrganization(app());
      const [a, b] = [await createTwilio(own), await createTwilio(own)];
      const ids = [];
      for (const integration of [a, b, a]) ids.unshift((await importNumber(own, integration)).id);
      await butterCall(own, 'PUT', `${path}/${ids[0]}`, { json: { assigned_agent_id: 'agent' } });
      const list = async (query: string) =>
        (await butterCall(own, 'GET', `${path}?${query}`)).json.data.map(
          (each: { phone_number_id: string }) => each.phone_number_id,
        );
      expect(await list('')).toEqual(ids);
      expect(await list(`integration_id=${a}`)).toEqual([ids[0], ids[2]]);
      expect(await list('status=assigned')).toEqual([ids[0]]);
      expect(await list(`status=free&integration_id=${a}`)).toEqual([ids[2]]);
    });

    it.each([
      [{ phone_number: '1234567890' }, 'phone_number'],
      [{ phone_number: '+0123456789' }, 'phone_number'],
      [{ phone_number: '+123456' }, 'phone_number'],
      [{ phone_number: '+1234567890123456' }, 'phone_number'],
      [{ phone_number: undefined }, 'phone_number'],
      [{ integration_id: undefined }, 'integration_id'],
      [{ integration_id: 'x' }, 'integration_id'],
      [{ supports_inbound: 'yes' }, 'supports_inbound'],
      [{ provider: 'pigeon' }, 'provider'],
    ])('refuse %j', async (change, field) => {
      const json = { ...phoneNumberBody('intg_000000000000'), ...change };
      const answer = await butterCall(app(), 'POST', path, { json });
      expect([answer.status, answer.json.detail[0].loc]).toEqual([422, ['body', field]]);
    });

    it.each([
      [{ supports_outbound: true, sip_password: undefined }, 'sip_password'],
      [{ inbound_pin: '123' }, 'inbound_pin'],
      [{ inbound_pin: '12345678901' }, 'inbound_pin'],
      [{ media_encryption: 'maybe' }, 'media_encryption'],
      [{ sip_password: 'a\0b' }, 'sip_password'],
    ])('refuse over SIP %j', async (change, field) => {
      const json = { ...sip, phone_number: newPhoneNumber(), ...change };
      const answer = await butterCall(app(), 'POST', path, { json });
      expect([answer.status, answer.json.detail[0].loc]).toEqual([422, ['body', field]]);
      expect(answer.text).not.toContain('SECRET');
    });
  });
});
