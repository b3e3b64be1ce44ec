import { expect, it } from 'vitest';
import { runCommand, settingsOf } from '../support/command.ts';
import { violations } from '../support/command-schema.ts';
import { call } from '../support/http.ts';
import { onDatabases } from '../support/matrix.ts';

onDatabases(['embedded'], (app) => {
  const run = async (name: string, ...words: readonly string[]) => {
    const ended = await runCommand(['sendgrid-keys', name, '--json', ...words], settingsOf(app()));
    expect({ name, code: ended.code, errors: ended.errors }).toMatchObject({ code: 0 });
    expect(violations(`sendgrid-keys ${name}`, ended.json)).toEqual([]);
    return ended.json;
  };
  const ask = async (key: string) => await call(app(), 'GET', '/v3/scopes', { key });

  it('sendgrid-keys create, list and revoke work', async () => {
    const scopes = ['marketing.read', 'marketing_campaigns.update'];
    const { raw_key, key } = await run('create', '--name', 'Ops', '--scopes', scopes.join(', '));
    expect((await ask(raw_key)).json).toEqual({ scopes });
    const listed = expect.objectContaining({ api_key_id: key.api_key_id, scopes });
    expect((await run('list')).items).toContainEqual(listed);
    const table = await runCommand(['sendgrid-keys', 'list'], settingsOf(app()));
    expect(table.output).toMatch(/^API KEY ID +NAME +SCOPES +LAST USED AT +CREATED AT$/m);
    expect(table.output).toMatch(/ Ops +marketing\.read, marketing_campaigns\.update /);
    expect(table.output).toMatch(/ First key +full access /);
    // an id may begin with a dash
    expect(await run('revoke', '--yes', '--', key.api_key_id)).toMatchObject({ status: 'revoked' });
    expect((await ask(raw_key)).status).toBe(401);
    expect((await run('list')).items).not.toContainEqual(expect.objectContaining({ name: 'Ops' }));
  });

  it('sendgrid-keys create gives full access where no scopes are named, and prints the key alone', async () => {
    const created = await runCommand(['sendgrid-keys', 'create', '--name', 'All'], settingsOf(app()));
    expect(created).toMatchObject({ code: 0, errors: 'The key is shown only this once:\n' });
    expect(created.output).toMatch(/^SG\.[\w-]{22}\.[\w-]{43}\n$/);
    expect((await ask(created.output.trim())).json.scopes).toContain('subusers.create');
  });

  it.each([
    { what: 'no name', code: 2, words: ['create'] },
    { what: 'a malformed scope', code: 7, words: ['create', '--name', 'x', '--scopes', 'marketing.read,'] },
    { what: 'an unknown key', code: 5, words: ['revoke', 'x'.repeat(22), '--yes'] },
    { what: 'a question that nobody can answer', code: 8, words: ['revoke', 'x'.repeat(22)] },
  ])('sendgrid-keys ends with its own exit code: $what', async ({ code, words }) => {
    const ended = await runCommand(['sendgrid-keys', ...words], settingsOf(app()));
    expect({ code: ended.code, output: ended.output }).toEqual({ code, output: '' });
  });
});
