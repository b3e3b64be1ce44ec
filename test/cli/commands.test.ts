/** Every command once, as a process against a server, its JSON held against contracts/cli.yaml. */
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import {
  butterCall,
  createTwilio,
  importNumber,
  newPhoneNumber,
  twilioCredentials,
} from '../support/butter.ts';
import { runCommand, settingsOf, startCommand } from '../support/command.ts';
import { violations } from '../support/command-schema.ts';
import { until, untilDelivery, unusable } from '../support/delivery.ts';
import { temporaryFolder } from '../support/folder.ts';
import { onDatabases } from '../support/matrix.ts';
import { SegmentSink, sinkStatus } from '../support/segment-sink.ts';
import { createSegment, newEvent, newEvents, newSigningKey, postEvents } from '../support/webhook.ts';

const sink = await SegmentSink.start();
const folder = await temporaryFolder();
afterAll(async () => {
  await sink[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});
const environment = { ...sink.environment, JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000' };

async function fileWith(content: unknown): Promise<string> {
  const file = join(folder.path, `${Math.random()}.json`);
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

onDatabases(
  ['embedded'],
  (app) => {
    /** @returns what the command printed as JSON, which fits its schema. */
    const run = async (name: string, ...words: readonly string[]) => {
      const ended = await runCommand([...name.split(' '), '--json', ...words], settingsOf(app()));
      expect({ name, code: ended.code, errors: ended.errors }).toMatchObject({ code: 0 });
      expect(violations(name, ended.json)).toEqual([]);
      return ended.json;
    };
    const lines = (output: string) =>
      output
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));

    it('integrations create, get, list, update and usage work', async () => {
      const { provider: _, ...credentials } = twilioCredentials;
      const file = await fileWith(credentials);
      const words = ['--name', 'Phones', '--provider', 'twilio', '--credentials-file', file];
      const { integration_id: id } = await run('integrations create', ...words);
      expect(await run('integrations get', id)).toMatchObject({ name: 'Phones', provider: 'twilio' });
      const renamed = await run('integrations update', id, '--name', 'New', '--credentials-file', file);
      expect(renamed.name).toBe('New');
      const { items } = await run('integrations list', '--provider', 'twilio', '--limit', '1');
      expect(items).toMatchObject([{ integration_id: id }]);
      const { phoneNumber } = await importNumber(app(), id);
      const usage = await run('integrations usage', id);
      expect(usage).toMatchObject({ can_delete: false, references: [{ phone_number: phoneNumber }] });
    });

    it('integrations list goes through all pages with --all, and stops at --limit', async () => {
      const { organization, api_key } = await run('organizations create');
      const client = { url: app().url, roleKey: api_key, organizationId: organization.organization_id };
      for (let count = 0; count < 110; count += 10) {
        await Promise.all(Array.from({ length: 10 }, async () => await createTwilio(client)));
      }
      const settings = {
        ...settingsOf(app()),
        JACKFIELD_API_KEY: api_key,
        JACKFIELD_ORGANIZATION_ID: client.organizationId,
      };
      const list = async (...words: string[]) =>
        (await runCommand(['integrations', 'list', '--json', ...words], settings)).json;
      const ids = (items: readonly { readonly integration_id: string }[]) =>
        items.map((item) => item.integration_id);
      const made = ids((await list('--all')).items);
      expect(new Set(made).size).toBe(110);
      const first = await list('--limit', '101');
      expect(ids(first.items)).toEqual(made.slice(0, 101));
      expect(first.total_count).toBe(110);
      expect(ids((await list('--cursor', first.next_cursor)).items)).toEqual(made.slice(101));
    });

    it('integrations delete has one form for what it did and for what is in the way', async () => {
      const [free, used] = [await createTwilio(app()), await createTwilio(app())];
      await importNumber(app(), used);
      expect(await run('integrations delete', free, '--dry-run')).toMatchObject({
        dry_run: true,
        waiting_events: 0,
      });
      const words = ['integrations', 'delete', free, used, 'intg_000000000000', '--yes', '--json'];
      const blocked = await runCommand(words, settingsOf(app()));
      expect(blocked.code).toBe(6);
      expect(violations('integrations delete', blocked.json)).toEqual([]);
      expect(blocked.json.dry_run).toBe(false);
      const inTheWay: readonly { readonly reason: string }[] = blocked.json.blocked;
      expect(inTheWay.map(({ reason }) => reason).toSorted()).toEqual(['in_use', 'not_found']);
      expect(violations('error', JSON.parse(blocked.errors))).toEqual([]);
      expect(await run('integrations delete', free, '--yes')).toMatchObject({ dry_run: false });
    });

    it('numbers import, get, list, reassign and remove work', async () => {
      const [one, other] = [await createTwilio(app()), await createTwilio(app())];
      const { phone_number_id: id } = await run('numbers import', newPhoneNumber(), '--integration', one);
      expect((await run('numbers get', id)).integration_id).toBe(one);
      expect((await run('numbers reassign', id, other)).integration_id).toBe(other);
      const { items } = await run('numbers list', '--integration', other);
      expect(items).toEqual([expect.objectContaining({ phone_number_id: id })]);
      await run('numbers remove', id, '--yes');
      const sip = await fileWith({ sip_trunk_name: 'trunk', sip_server_address: 'sip.example.com' });
      const number = await run('numbers import', newPhoneNumber(), '--sip-file', sip);
      expect(number.provider).toBe('sip');
    });

    it('keys create, list and revoke work', async () => {
      const { raw_key, key } = await run('keys create', '--name', 'Ops', '--role', 'user');
      expect((await butterCall(app(), 'GET', '/api/integrations', { key: raw_key })).status).toBe(200);
      const listed = expect.objectContaining({ key_id: key.key_id });
      expect((await run('keys list')).items).toContainEqual(listed);
      await run('keys revoke', key.key_id, '--yes');
      expect((await butterCall(app(), 'GET', '/api/integrations', { key: raw_key })).status).toBe(401);
    });

    it('sources create, get, list, update, rejected and delete work', async () => {
      const file = await fileWith(newSigningKey().publicKey);
      const { source_id: id, url } = await run('sources create', '--name', 'Mail', '--public-key-file', file);
      expect(url).toBe(`${app().url}/events/sendgrid/${id}`);
      expect((await run('sources get', id)).public_key).not.toBeNull();
      const both = ['sources', 'update', id, '--public-key-file', file, '--without-public-key'];
      expect(await runCommand(both, settingsOf(app()))).toMatchObject({ code: 2, output: '' });
      const unsigned = await run('sources update', id, '--name', 'All mail', '--without-public-key');
      expect(unsigned).toMatchObject({ name: 'All mail', public_key: null });
      const listed = expect.arrayContaining([expect.objectContaining({ source_id: id })]);
      expect((await run('sources list')).items).toEqual(listed);
      await butterCall(app(), 'POST', `/events/sendgrid/${id}`, { json: [{ sg_event_id: 'nameless' }] });
      const { items } = await run('sources rejected', '--limit', '1');
      expect(items).toMatchObject([{ source_id: id, reason: 'no event name' }]);
      await run('sources delete', id, '--yes');
      const gone = await runCommand(['sources', 'get', id], settingsOf(app()));
      expect(gone.code).toBe(5);
    });

    it('replay and events follow tell of events', async () => {
      const { id } = await createSegment(app());
      // as ids of SendGrid may begin
      const event = { ...newEvent(), sg_event_id: `-${randomUUID()}` };
      await postEvents(app(), [event]);
      await untilDelivery(app(), id, { waiting_events: 0 });
      const asOption = await runCommand(['events', 'follow', event.sg_event_id], settingsOf(app()));
      expect(asOption).toMatchObject({ code: 2, output: '' });
      expect(asOption.errors).toContain('an argument that begins with a dash goes after --');
      const trail = await run('events follow', '--', event.sg_event_id);
      expect(trail.integrations).toMatchObject([{ integration_id: id, fate: 'delivered' }]);
      const span = ['--from', '2020-01-01T00:00:00Z', '--email-events', 'delivered'];
      const { events } = await run('replay', id, ...span);
      expect(events).toBeGreaterThanOrEqual(1);
      const gone = await createSegment(app());
      await butterCall(app(), 'POST', `/api/integrations/${gone.id}/pause`);
      await postEvents(app(), newEvents(2));
      expect((await run('integrations delete', gone.id, '--dry-run')).waiting_events).toBe(2);
      await run('integrations delete', gone.id, '--yes');
      expect(await run('replay', id, '--from-integration', gone.id)).toEqual({ events: 2 });
    });

    it('integrations pause, resume, test and stats work', async () => {
      const { id, writeKey } = await createSegment(app());
      expect(await run('integrations pause', id)).toMatchObject({ state: 'paused' });
      await postEvents(app(), newEvents(2));
      expect(await run('integrations resume', id)).toMatchObject({ integration_id: id });
      await untilDelivery(app(), id, { waiting_events: 0 });
      expect(await run('integrations test', id)).toMatchObject({ outcome: 'delivered', status: 200 });
      const { items } = await run('integrations stats', id, '--step', '3600');
      const steps: readonly { readonly forwarded: number }[] = items;
      expect(steps.reduce((sum, { forwarded }) => sum + forwarded, 0)).toBe(2);
      sink.answers.set(writeKey, sinkStatus(503));
      const refused = await runCommand(['integrations', 'test', id, '--json'], settingsOf(app()));
      expect(refused).toMatchObject({ code: 1, json: { outcome: 'retry', status: 503 } });
    });

    it('dead-letters list, retry and discard work, on all and on chosen ones', async () => {
      const { id } = await createSegment(app());
      await postEvents(app(), [unusable(), unusable(), unusable()]);
      await untilDelivery(app(), id, { dead_letters: 3 });
      const { items } = await run('dead-letters list', id);
      expect(items).toHaveLength(3);
      expect(await run('dead-letters discard', id, String(items[0].dead_letter_id), '--yes')).toEqual({
        count: 1,
      });
      const none = await runCommand(['dead-letters', 'retry', id, '999999999'], settingsOf(app()));
      expect(none).toMatchObject({ code: 5, errors: 'None of those named is a dead letter here.\n' });
      expect(await run('dead-letters retry', id)).toEqual({ count: 2 });
      await untilDelivery(app(), id, { dead_letters: 2 });
      expect(await run('dead-letters discard', id, '--yes')).toEqual({ count: 2 });
    });

    it('tail prints each attempt once, as it is made, until it is interrupted', async () => {
      const { id, writeKey } = await createSegment(app());
      await postEvents(app(), newEvents(1));
      await untilDelivery(app(), id, { waiting_events: 0 });
      const { child, ended, output, errors } = startCommand(['tail', id, '--json'], settingsOf(app()));
      await until(() => expect(errors()).toContain('Following'));
      sink.answers.set(writeKey, sinkStatus(503));
      await postEvents(app(), newEvents(2));
      await until(() => expect(output()).toContain('"retry"'));
      sink.answers.delete(writeKey);
      await until(() => expect(output()).toContain('"delivered"'));
      child.kill('SIGINT');
      const { code } = await ended;
      expect(code).toBe(130);
      const attempts = lines(output());
      expect(attempts.flatMap((each) => violations('tail', each))).toEqual([]);
      const numbers = attempts.map((each) => each.attempt_id);
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(attempts.every((each) => each.integration_id === id)).toBe(true);
    });

    it('export prints the audit log, entry by entry', async () => {
      const id = await createTwilio(app());
      const { output, code } = await runCommand(['export', '--target-id', id], settingsOf(app()));
      expect(code).toBe(0);
      const entries = lines(output);
      expect(entries.flatMap((each) => violations('export', each))).toEqual([]);
      expect(entries.map((each) => each.action)).toEqual(['integration.created']);
    });

    it('export prints it as CSV too, and not both', async () => {
      const id = await createTwilio(app());
      const csv = ['export', '--target-id', id, '--format', 'csv'];
      const { output, code } = await runCommand(csv, settingsOf(app()));
      expect(code).toBe(0);
      const [header, entry, ...rest] = output.split('\r\n');
      expect(header).toMatch(/^entry_id,at,actor_type,.*,details$/);
      expect(entry).toContain(`,integration.created,integration,${id},`);
      expect(rest).toEqual(['']);
      const both = await runCommand([...csv, '--json'], settingsOf(app()));
      expect(both).toMatchObject({ code: 2, output: '' });
    });

    it('organizations create, get, list, update and new-key work with the operator key', async () => {
      const { organization, api_key } = await run('organizations create', '--tier', 'pro');
      const id = organization.organization_id;
      const limited = await run('organizations update', id, '--segment-integration-limit', '2');
      expect(limited).toMatchObject({ tier: 'pro', segment_integration_limit: 2 });
      expect(await run('organizations get', id)).toEqual(limited);
      expect((await run('organizations list')).items[0].organization_id).toBe(id);
      const { raw_key } = await run('organizations new-key', id);
      for (const key of [api_key, raw_key]) {
        const answer = await butterCall(app(), 'GET', '/api/integrations', { key, organizationId: id });
        expect(answer.status).toBe(200);
      }
    });
  },
  environment,
);

describe('what is refused', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startApp('postgres');
  });
  afterAll(async () => await app[Symbol.asyncDispose]());

  it.each<{ what: string; code: number; words: readonly string[]; environment?: Record<string, string> }>([
    { what: 'an unknown command', code: 2, words: ['conquer'] },
    { what: 'an unknown option', code: 2, words: ['keys', 'list', '--colour'] },
    { what: 'a missing option', code: 2, words: ['keys', 'create', '--name', 'x'] },
    { what: 'a wrong number', code: 2, words: ['numbers', 'list', '--limit', 'many'] },
    { what: 'a wrong URL', code: 2, words: ['keys', 'list', '--url', 'ftp://x'] },
    { what: 'no key', code: 4, words: ['keys', 'list'], environment: { JACKFIELD_API_KEY: '' } },
    {
      what: 'a wrong key',
      code: 4,
      words: ['keys', 'list'],
      environment: { JACKFIELD_API_KEY: `bk_live_${'x'.repeat(56)}` },
    },
    { what: 'another organization', code: 4, words: ['keys', 'list', '--organization', 'org_other'] },
    { what: 'a server that is not there', code: 3, words: ['keys', 'list', '--url', 'http://127.0.0.1:9'] },
    { what: 'what does not exist', code: 5, words: ['integrations', 'get', 'intg_000000000000'] },
    {
      what: 'what the server refuses',
      code: 7,
      words: ['keys', 'create', '--name', 'x', '--role', 'king'],
    },
    {
      what: 'a question that nobody can answer',
      code: 8,
      words: ['keys', 'revoke', 'apikey_000000000000'],
    },
  ])('ends with its own exit code: $what', async ({ code, words, environment: more }) => {
    const ended = await runCommand(words, { ...settingsOf(app), ...more });
    expect({ code: ended.code, output: ended.output }).toEqual({ code, output: '' });
    expect(ended.errors).not.toBe('');
  });
});
