/** Twilio: telephony. Phone numbers refer to it. */
import { z } from 'zod';
import type { Outbound } from '../outbound.ts';
import { type Provider, secret, type Verify } from '../provider.ts';

/** For people, in forms and refusals. */
const sidForm = 'AC and 32 digits from 0 to 9 and A to F';
const tokenForm = '32 digits from 0 to 9 and a to f';

const credentials = z.object({
  provider: z.literal('twilio'),
  account_sid: z
    .string()
    .regex(/^AC[0-9A-Fa-f]{32}$/, `Input should be ${sidForm}`)
    .meta({ title: 'Account SID', description: sidForm }),
  auth_token: z
    .string()
    .regex(/^[0-9A-Fa-f]{32}$/, `Input should be ${tokenForm}`)
    .meta({ ...secret('Auth token'), description: tokenForm }),
});

export function twilio(baseUrl: URL, outbound: Outbound): Provider {
  return {
    name: 'twilio',
    title: 'Twilio',
    category: 'telephony',
    credentials,
    settings: [],
    referredToBy: ['twilio'],
    takesEmailEvents: false,
    verify: createVerify(baseUrl, outbound),
  };
}

/** Reads the account: 200 says that the token is good, 401 and 403 that it is not, 404 that there is no such account. */
function createVerify(baseUrl: URL, outbound: Outbound): Verify {
  return async ({ account_sid: sid = '', auth_token: token = '' }, signal) => {
    const url = new URL(`/2010-04-01/Accounts/${encodeURIComponent(sid)}.json`, baseUrl);
    const authorization = `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`;
    const status = await outbound.get({ url, headers: { authorization }, signal });
    if (status === 200) return 'active';
    return [401, 403, 404].includes(status) ? 'invalid_credentials' : 'unknown';
  };
}
