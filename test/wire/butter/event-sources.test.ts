import { describe, expect, it, vi } from 'vitest';
import { startApp } from '../../support/app.ts';
import { butterCall, createOrganization, createRoleKey } from '../../support/butter.ts';
import { onBothDatabases } from '../../support/matrix.ts';
import { hold } from '../../support/sql.ts';
import { newEvents, newSigningKey, postEvents } from '../../support/webhook.ts';

const path = '/api/event-sources';
const body = { name: 'Production mail', kind: 'sendgrid' };

describe('event sources on /api', () => {
  onBothDatabases((app) => {
    const create = async (json: unknown = body) => await butterCall(app(), 'POST', path, { json });
    const newId = async (): Promise<string> => (await create()).json.data.source_id;

    it('exist from the first start on: one for the first organization', async () => {
      const { status, json } = await butterCall(app(), 'GET', `${path}/${app().eventSourceId}`);
      expect([status, json.data]).toMatchObject([200, { client_id: app().organizationId, public_key: null }]);
      await postEvents(app(), newEvents(1));
    });

    it('are created with a URL that takes events, and read', async () => {
      const { status, json } = await create();
      const { source_id: id } = json.data;
      expect([status, json]).toEqual([
        201,
        {
          success: true,
          message: 'Event source created successfully',
          data: {
            source_id: expect.stringMatching(/^src_[0-9a-f]{32}$/),
            client_id: app().organizationId,
            name: 'Production mail',
            kind: 'sendgrid',
            url: `${app().url}/events/sendgrid/${id}`,
            public_key: null,
            created_at: expect.stringMatching(/Z$/),
            updated_at: expect.stringMatching(/Z$/),
          },
        },
      ]);
      const got = await butterCall(app(), 'GET', `${path}/${id}`);
      expect(got.json).toEqual({ success: true, data: json.data });
      await postEvents({ url: app().url, eventSourceId: id }, newEvents(1));
    });

    it('are changed in what is given only', async () => {
      const { publicKey } = newSigningKey();
      const id = await newId();
      const put = async (json: unknown) =>
        (await butterCall(app(), 'PUT', `${path}/${id}`, { json })).json.data;
      expect(await put({ public_key: publicKey })).toMatchObject({ name: body.name, public_key: publicKey });
      expect(await put({ name: 'Other' })).toMatchObject({ name: 'Other', public_key: publicKey });
      expect(await put({ public_key: null })).toMatchObject({ name: 'Other', public_key: null });
    });

    it('stay as they are where nothing is changed, and nobody is told of it', async () => {
      const { publicKey } = newSigningKey();
      const { data } = (await create({ ...body, public_key: publicKey })).json;
      for (const json of [{}, { name: body.name }, { name: body.name, public_key: publicKey }]) {
        const answer = await butterCall(app(), 'PUT', `${path}/${data.source_id}`, { json });
        expect([answer.status, answer.json.data]).toEqual([200, data]);
      }
      const log = await butterCall(app(), 'GET', `/api/audit-log?target_id=${data.source_id}`);
      expect(log.json.data).toMatchObject([{ action: 'event_source.created' }]);
    });

    it('are deleted once', async () => {
      const id = await newId();
      const deleted = await butterCall(app(), 'DELETE', `${path}/${id}`);
      expect([deleted.status, deleted.json]).toMatchObject([
        200,
        { message: 'Event source deleted successfully', data: { source_id: id } },
      ]);
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const again = await butterCall(app(), method, `${path}/${id}`, method === 'PUT' ? { json: {} } : {});
        expect([again.status, again.json]).toEqual([404, { detail: 'Event source not found' }]);
      }
    });

    it('are listed newest first, page by page', async () => {
      const owner = await createOrganization(app());
      const ids: string[] = [];
      for (let count = 0; count < 3; count++) {
        const { json } = await butterCall(owner, 'POST', path, { json: body });
        ids.unshift(json.data.source_id);
      }
      const seen: string[] = [];
      for (let next = ''; ; ) {
        const page = await butterCall(owner, 'GET', `${path}?limit=2${next}`);
        expect(page.status).toBe(200);
        const { data, pagination } = page.json;
        seen.push(...data.map((source: { source_id: string }) => source.source_id));
        if (!pagination.has_more) break;
        next = `&cursor=${pagination.next_cursor}`;
      }
      expect(seen).toEqual(expect.arrayContaining(ids));
      expect(seen.slice(0, 3)).toEqual(ids);
      expect(new Set(seen).size).toBe(seen.length);
    });

    it.each([
      [{ kind: 'sendgrid' }, ['body', 'name'], 'missing'],
      [{ ...body, name: '' }, ['body', 'name'], 'string_too_short'],
      [{ ...body, name: 'a\0b' }, ['body', 'name'], 'value_error'],
      [{ ...body, kind: 'mailgun' }, ['body', 'kind'], 'enum'],
      [{ ...body, public_key: 'no key' }, ['body', 'public_key'], 'value_error'],
      [{ ...body, public_key: newSigningKey('secp384r1').publicKey }, ['body', 'public_key'], 'value_error'],
      [{ ...body, public_key: 7 }, ['body', 'public_key'], 'string_type'],
    ])('refuse the body, case %#', async (json, loc, type) => {
      const answer = await create(json);
      expect([answer.status, answer.json.detail[0]]).toMatchObject([422, { loc, type, input: null }]);
    });

    it('refuse an id of another form', async () => {
      const answer = await butterCall(app(), 'GET', `${path}/src_1`);
      expect([answer.status, answer.json.detail[0].loc]).toEqual([422, ['path', 'source_id']]);
    });

    it('of other organizations are answered like what never existed', async () => {
      const id = await newId();
      const other = await createOrganization(app());
      for (const method of ['GET', 'DELETE']) {
        const answer = await butterCall(other, method, `${path}/${id}`);
        expect([answer.status, answer.json]).toEqual([404, { detail: 'Event source not found' }]);
      }
      expect((await butterCall(app(), 'GET', `${path}/${id}`)).status).toBe(200);
    });

    it('ask for the permissions of integrations', async () => {
      const key = await createRoleKey(app(), 'user');
      const id = await newId();
      expect((await butterCall(app(), 'GET', path, { key })).status).toBe(200);
      for (const [method, at, permission] of [
        ['POST', path, 'integrations:create'],
        ['PUT', `${path}/${id}`, 'integrations:update'],
        ['DELETE', `${path}/${id}`, 'integrations:delete'],
      ] as const) {
        const answer = await butterCall(app(), method, at, { key, json: body });
        expect([answer.status, answer.json]).toEqual([403, { detail: `Missing permission: ${permission}` }]);
      }
    });

    it('are created once under an idempotency key', async () => {
      const headers = { 'idempotency-key': 'source-1' };
      const first = await butterCall(app(), 'POST', path, { json: body, headers });
      const second = await butterCall(app(), 'POST', path, { json: body, headers });
      expect([second.status, second.json]).toEqual([201, first.json]);
      expect(second.headers.get('idempotency-replayed')).toBe('true');
    });

    it('leave every change in the audit log, without the key itself', async () => {
      const { publicKey } = newSigningKey();
      const id = (await create({ ...body, public_key: publicKey })).json.data.source_id;
      await butterCall(app(), 'PUT', `${path}/${id}`, { json: { name: 'Renamed', public_key: null } });
      await butterCall(app(), 'DELETE', `${path}/${id}`);
      const query = `?target_id=${id}&target_type=event_source`;
      const log = await butterCall(app(), 'GET', `/api/audit-log${query}`);
      expect(log.json.data).toMatchObject([
        { action: 'event_source.deleted', details: { name: 'Renamed', signed: false } },
        { action: 'event_source.updated', details: { name: 'Renamed', signed: false } },
        { action: 'event_source.created', details: { name: body.name, signed: true } },
      ]);
      expect(log.text).not.toContain(publicKey);
    });
  });
});

describe('an event source that two people change at once', () => {
  it('has both changes in the end', async () => {
    await using app = await startApp('postgres');
    const url = app.database.environment['DATABASE_URL'] ?? '';
    const at = `${path}/${app.eventSourceId}`;
    const { publicKey } = newSigningKey();
    const lock = await hold(url, 'select from event_source for update');
    const changes = [{ public_key: publicKey }, { name: 'Renamed' }].map(
      async (json) => await butterCall(app, 'PUT', at, { json }),
    );
    await vi.waitFor(async () => expect(await lock.waiters()).toBe(changes.length), { timeout: 10_000 });
    await lock[Symbol.asyncDispose]();
    for (const { status } of await Promise.all(changes)) expect(status).toBe(200);
    const { json } = await butterCall(app, 'GET', at);
    expect(json.data).toMatchObject({ name: 'Renamed', public_key: publicKey });
  });
});

describe('the URL of an event source', () => {
  it('begins with the public address where one is set, as a proxy that adds TLS needs it', async () => {
    await using app = await startApp('postgres', { JACKFIELD_PUBLIC_URL: 'https://mail.test/path' });
    const { json } = await butterCall(app, 'GET', path);
    expect(json.data).toMatchObject([{ url: `https://mail.test/events/sendgrid/${app.eventSourceId}` }]);
  });
});
