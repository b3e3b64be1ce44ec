/** The documented sample, as it stands: the request line with real values, the answers byte for byte. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { butterCall, createTwilio, importNumber, phoneNumberBody, twilioBody } from '../../support/butter.ts';
import { onBothDatabases } from '../../support/matrix.ts';

const run = promisify(execFile);

describe('the documented delete', () => {
  onBothDatabases((app) => {
    const curl = async (id: string) => {
      const { url, roleKey, organizationId } = app();
      const { stdout } = await run('curl', [
        '--silent',
        '--request',
        'DELETE',
        '--url',
        `${url}/api/integrations/${id}`,
        '--header',
        `X-API-Key: ${roleKey}`,
        '--header',
        `X-Organization-Id: ${organizationId}`,
      ]);
      return stdout;
    };

    it('answers curl with the documented body', async () => {
      const id = await createTwilio(app(), { json: twilioBody('Twilio Production') });
      const { json } = await butterCall(app(), 'GET', `/api/integrations/${id}`);
      expect(await curl(id)).toBe(
        `{"success":true,"message":"Integration deleted successfully","data":{"integration_id":"${id}",` +
          `"client_id":"${app().organizationId}","name":"Twilio Production","provider":"twilio",` +
          `"category":"telephony","status":"active","created_at":"${json.data.created_at}",` +
          `"updated_at":"${json.data.updated_at}"}}`,
      );
      expect(json.data.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(await curl(id)).toBe('{"detail":"Integration not found"}');
    });

    it('is refused with the documented sentence while a number refers to it', async () => {
      const id = await createTwilio(app());
      const number = await importNumber(app(), id, { json: phoneNumberBody(id, '+1234567890') });
      expect(await curl(id)).toBe(
        `{"detail":"Integration is still referenced by phone numbers: ['+1234567890']. Remove or reassign them first."}`,
      );
      await butterCall(app(), 'DELETE', `/api/phone-numbers/${number.id}`);
      expect(await curl(id)).toContain('"success":true');
    });
  });
});
