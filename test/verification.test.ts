import { afterAll, describe, expect, it, vi } from 'vitest';
import { startApp } from './support/app.ts';
import { type ButterClient, butterCall, createTwilio } from './support/butter.ts';
import { onBothDatabases } from './support/matrix.ts';
import { freePort } from './support/postgres-server.ts';
import { query } from './support/sql.ts';
import {
  type Account,
  answerWith,
  bodyOf,
  connect,
  hang,
  newAccount,
  TwilioServer,
} from './support/twilio-server.ts';

/** The first pause after a failure is 5 s, up to a quarter more; what is due is looked for every 2 s. */
const pauseMs = { least: 5_000, most: 20_000 } as const;
/** Far below any time that a provider is waited for. */
const promptMs = 2_000;

const twilio = await TwilioServer.start();
const environment = { JACKFIELD_TWILIO_URL: twilio.url };
afterAll(async () => await twilio[Symbol.asyncDispose]());

async function until(condition: () => Promise<void> | void, timeout = 20_000): Promise<void> {
  await vi.waitFor(condition, { timeout, interval: 20 });
}

async function read(client: ButterClient, id: string) {
  const { json, headers } = await butterCall(client, 'GET', `/api/integrations/${id}`);
  return { ...json.data, etag: headers.get('etag') };
}

async function untilStatus(client: ButterClient, id: string, status: string, timeout?: number) {
  await until(async () => expect((await read(client, id)).status).toBe(status), timeout);
}

async function untilAsked(account: Account, times = 1, timeout?: number): Promise<void> {
  await until(() => expect(twilio.requestsFor(account)).toHaveLength(times), timeout);
}

describe('credentials', () => {
  onBothDatabases((app) => {
    it('are verified by reading the account with them', async () => {
      const { account } = await connect(twilio, app(), answerWith(200));
      await untilAsked(account);
      expect(twilio.requestsFor(account)[0]).toMatchObject({
        method: 'GET',
        path: `/2010-04-01/Accounts/${account.sid}.json`,
        authorization: `Basic ${btoa(`${account.sid}:${account.token}`)}`,
      });
    });

    it.each([401, 403, 404])('that are refused with %i are shown so until good ones come', async (status) => {
      const { id } = await connect(twilio, app(), answerWith(status));
      const created = await read(app(), id);
      await untilStatus(app(), id, 'invalid_credentials');
      expect(await read(app(), id)).toEqual({ ...created, status: 'invalid_credentials' });
      const filtered = await butterCall(app(), 'GET', '/api/integrations?status=invalid_credentials');
      expect(filtered.text).toContain(id);

      const { credentials } = bodyOf(newAccount());
      await butterCall(app(), 'PUT', `/api/integrations/${id}`, { json: { credentials } });
      await untilStatus(app(), id, 'active');
      expect((await read(app(), id)).etag).toBe('"2"');
    });

    it('of which the provider says nothing stay as they are and are verified again later', async () => {
      const silent = [
        await connect(twilio, app(), answerWith(500)),
        await connect(twilio, app(), answerWith(429)),
        await connect(twilio, app(), (request) => void request.destroy()),
        await connect(twilio, app(), answerWith(302, { location: `${twilio.url}/elsewhere` })),
        await connect(twilio, app(), answerWith(307, { location: '/elsewhere' })),
      ];
      for (const { account, id } of silent) {
        await untilAsked(account);
        expect(await read(app(), id)).toMatchObject({ status: 'active', etag: '"1"' });
        twilio.answers.set(account.sid, answerWith(401));
      }
      for (const { account, id } of silent) {
        await untilStatus(app(), id, 'invalid_credentials', pauseMs.most);
        const [first, second, ...more] = twilio.requestsFor(account);
        expect((second?.arrivedAt ?? 0) - (first?.arrivedAt ?? 0)).toBeGreaterThan(pauseMs.least);
        expect(more).toEqual([]);
      }
      expect(twilio.requests.filter(({ path }) => path.endsWith('/elsewhere'))).toEqual([]);
    });

    it('that were replaced meanwhile are not judged by the old ones', async () => {
      const release = Promise.withResolvers<void>();
      const { account, id } = await connect(
        twilio,
        app(),
        (request, response) => void release.promise.then(() => answerWith(401)(request, response)),
      );
      await untilAsked(account);
      const fresh = newAccount();
      const { credentials } = bodyOf(fresh);
      await butterCall(app(), 'PUT', `/api/integrations/${id}`, { json: { credentials } });
      release.resolve();
      await untilAsked(fresh);
      expect((await read(app(), id)).status).toBe('active');
    });

    it('are verified beside the calls, which never wait for a provider', async () => {
      const { account, id } = await connect(twilio, app(), hang);
      await untilAsked(account);
      const at = `/api/integrations/${id}`;
      const { credentials } = bodyOf(account);
      const startedAt = performance.now();
      expect((await butterCall(app(), 'GET', at)).status).toBe(200);
      expect((await butterCall(app(), 'PUT', at, { json: { credentials } })).status).toBe(200);
      const { id: second } = await connect(twilio, app(), hang);
      for (const each of [id, second])
        expect((await butterCall(app(), 'DELETE', `/api/integrations/${each}`)).status).toBe(200);
      expect(performance.now() - startedAt).toBeLessThan(promptMs);
    });

    it.each([
      ['a length that is told', { 'content-length': String(endlessBytes) }],
      ['a length that is not told', {}],
    ])('may be answered with 100 MB, of %s: hardly any of it is read', async (_, headers) => {
      let sentBytes = 0;
      const { account, id } = await connect(twilio, app(), (_request, response) => {
        const send = () => {
          while (!response.destroyed && sentBytes < endlessBytes) {
            sentBytes += chunk.length;
            if (!response.write(chunk)) return;
          }
          response.end();
        };
        response.writeHead(401, headers).on('drain', send);
        send();
      });
      await untilStatus(app(), id, 'invalid_credentials');
      await until(() => expect(twilio.requestsFor(account)[0]?.closedAt).toBeDefined());
      expect(sentBytes).toBeLessThan(endlessBytes / 4);
    });
  }, environment);
});

const endlessBytes = 100 * 1024 * 1024;
const chunk = Buffer.alloc(64 * 1024, ' ');

describe('a process', () => {
  it('notes when it verifies again, and nothing once it knows', async () => {
    await using app = await startApp('postgres', environment);
    const url = app.database.environment['DATABASE_URL'] ?? '';
    const noted = async (id: string) => {
      const columns = 'verify_attempt, verify_owner, verify_at > now() as later';
      return (await query(url, `select ${columns} from integration where id = '${id}'`))[0];
    };
    const good = await connect(twilio, app, answerWith(200));
    const silent = await connect(twilio, app, answerWith(503));
    await until(async () =>
      expect(await noted(good.id)).toEqual({ verify_attempt: 0, verify_owner: null, later: null }),
    );
    await until(async () =>
      expect(await noted(silent.id)).toEqual({
        verify_attempt: expect.any(Number),
        verify_owner: null,
        later: true,
      }),
    );
  });

  it('verifies by itself once a provider that could not be reached can be', async () => {
    const port = await freePort();
    await using app = await startApp('postgres', { JACKFIELD_TWILIO_URL: `http://127.0.0.1:${port}` });
    const account = newAccount();
    const id = await createTwilio(app, { json: bodyOf(account) });
    const refused = 'the provider could not be asked';
    await until(() => expect(app.logLines.some((line) => line.includes(refused))).toBe(true));
    expect((await read(app, id)).status).toBe('active');
    await using late = await TwilioServer.start(port);
    late.answers.set(account.sid, answerWith(401));
    await untilStatus(app, id, 'invalid_credentials', pauseMs.most);
  });

  it('that is told to stop leaves a silent provider at once', async () => {
    const app = await startApp('postgres', environment);
    const { account } = await connect(twilio, app, hang);
    await untilAsked(account);
    const startedAt = performance.now();
    await app[Symbol.asyncDispose]();
    expect(performance.now() - startedAt).toBeLessThan(promptMs);
    await until(() => expect(twilio.requestsFor(account)[0]?.closedAt).toBeDefined());
  });

  it('says of a verification neither the account nor its token in the log', async () => {
    await using app = await startApp('postgres', environment);
    const { account, id } = await connect(twilio, app, (request) => void request.destroy());
    await until(() => expect(app.logLines.some((line) => line.includes(id))).toBe(true));
    await until(() => expect(app.logLines.join('\n')).toContain('"outcome":"unknown"'));
    const log = app.logLines.join('\n');
    for (const secret of [account.token, btoa(`${account.sid}:${account.token}`)])
      expect(log).not.toContain(secret);
  });
});
