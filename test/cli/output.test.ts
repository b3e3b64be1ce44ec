import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp, type TestApp } from '../support/app.ts';
import { createTwilio } from '../support/butter.ts';
import { runCommand, settingsOf, startCommand, Terminal } from '../support/command.ts';
import { violations } from '../support/command-schema.ts';
import { until } from '../support/delivery.ts';
import { temporaryFolder } from '../support/folder.ts';
import { createSegment, newEvents, postEvents } from '../support/webhook.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startApp('postgres', { JACKFIELD_SEGMENT_INTEGRATION_LIMIT: '1000' });
});
afterAll(async () => await app[Symbol.asyncDispose]());

const jackfield = fileURLToPath(new URL('../../bin/jackfield', import.meta.url));
const escape = '\u001b';

describe('in a pipe', () => {
  it('standard output has the data alone, without colour; what is said to people is beside it', async () => {
    const id = await createTwilio(app);
    const list = await runCommand(['integrations', 'list'], settingsOf(app));
    expect(list).toMatchObject({ code: 0, errors: '' });
    expect(list.output.split('\n')[0]).toMatch(
      /^INTEGRATION ID\s+NAME\s+PROVIDER\s+STATUS\s+DELIVERY\s+WAITING\s+CREATED AT$/,
    );
    expect(list.output).toContain(id);
    expect(list.output).not.toContain(escape);
    const created = await runCommand(['keys', 'create', '--name', 'x', '--role', 'user'], settingsOf(app));
    expect(created.output).toMatch(/^bk_live_\w{56}\n$/);
    expect(created.errors).toBe('The key is shown only this once:\n');
  });

  it('a reader that has had enough is no error', async () => {
    await createTwilio(app);
    const line = `'${jackfield}' export --json | head -c 1; echo "\${PIPESTATUS[0]}"`;
    const child = spawn('bash', ['--norc', '-c', line], {
      env: { PATH: process.env['PATH'], ...settingsOf(app) },
    });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    await once(child, 'close');
    expect({ output, errors }).toEqual({ output: '{0\n', errors: '' });
  });

  it('a failure with --json is one line of JSON beside the data', async () => {
    const { code, output, errors } = await runCommand(
      ['integrations', 'get', 'intg_000000000000', '--json'],
      settingsOf(app),
    );
    expect({ code, output }).toEqual({ code: 5, output: '' });
    const told = JSON.parse(errors);
    expect(violations('error', told)).toEqual([]);
    expect(told.error).toMatchObject({ status: 404, reason: 'Integration not found' });
    expect(told.error.request_id).toMatch(/^req_/);
  });

  it.each([
    [['integrations', 'list', '--nope'], "unknown option '--nope'"],
    [['integrations', 'nope'], "unknown command 'nope'"],
    [['numbers', 'update', 'x', '--inbound', '--no-inbound'], 'give --inbound or --no-inbound, not both'],
  ])('a mistake with --json is one line of JSON too: %s', async (words, message) => {
    const { code, output, errors } = await runCommand([...words, '--json'], {});
    expect({ code, output }).toEqual({ code: 2, output: '' });
    const told = JSON.parse(errors);
    expect(violations('error', told)).toEqual([]);
    expect(told.error).toEqual({ message, exit_code: 2 });
  });

  it('output that cannot be written is a failure, and no trace of the program', async () => {
    const line = `'${jackfield}' completion bash > /dev/full; echo $?`;
    const child = spawn('bash', ['--norc', '-c', line], { env: { PATH: process.env['PATH'] } });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
    await once(child, 'close');
    expect(said.split('\n').toSorted()).toEqual([
      '',
      '1',
      'The output could not be written: ENOSPC: no space left on device, write',
    ]);
  });
});

describe('on a terminal', () => {
  it('there is colour, unless NO_COLOR is set', async () => {
    await using coloured = new Terminal(['integrations', 'list'], settingsOf(app));
    await coloured.end();
    expect(coloured.raw).toContain(`${escape}[1m`);
    await using plain = new Terminal(['integrations', 'list'], { ...settingsOf(app), NO_COLOR: '1' });
    await plain.end();
    expect(plain.raw).not.toContain(`${escape}[`);
  });

  it('a key that is asked for is not shown, and works', async () => {
    const { JACKFIELD_API_KEY: _, ...settings } = settingsOf(app);
    await using terminal = new Terminal(['keys', 'list'], settings);
    await terminal.until('The API key');
    terminal.type(`${app.roleKey}\r`);
    expect(await terminal.end()).toEqual({ code: 0, isRestored: true });
    expect(terminal.text).toContain('First key');
    expect(terminal.raw).not.toContain(app.roleKey.slice(20));
  });

  it('credentials are asked for as the provider names them, the secret ones without showing them', async () => {
    const words = ['integrations', 'create', '--name', 'Asked', '--provider', 'twilio'];
    await using terminal = new Terminal(words, settingsOf(app));
    await terminal.until('Account SID');
    terminal.type('AC0123456789abcdef0123456789abcdef\r');
    await terminal.until('Auth token');
    terminal.type('fedcba9876543210fedcba9876543210\r');
    expect(await terminal.end()).toEqual({ code: 0, isRestored: true });
    expect(terminal.text).toMatch(/Created intg_[0-9a-f]{12}/);
    expect(terminal.raw).not.toContain('fedcba9876543210');
  });

  it('a terminal that does not know its width gets whole lines too', async () => {
    const { JACKFIELD_API_KEY: _, ...settings } = settingsOf(app);
    await using terminal = new Terminal(['keys', 'list'], settings, 0);
    await terminal.until('The API key');
    terminal.type('\u0003');
    expect(await terminal.end()).toEqual({ code: 130, isRestored: true });
  });

  it('what a new integration is called is asked for too, and its provider', async () => {
    await using terminal = new Terminal(['integrations', 'create'], settingsOf(app));
    await terminal.until('What it is to be called');
    terminal.type('By answers\r');
    await terminal.until('Provider');
    terminal.type('twilio\r');
    await terminal.until('Account SID');
    terminal.type('AC0123456789abcdef0123456789abcdef\r');
    await terminal.until('Auth token');
    terminal.type('fedcba9876543210fedcba9876543210\r');
    expect(await terminal.end()).toEqual({ code: 0, isRestored: true });
    expect(terminal.text).toMatch(/name: +By answers/);
  });

  it('Ctrl-C ends tail with 130 and leaves the terminal as it was', async () => {
    const file = await runCommand(
      ['integrations', 'create', '--name', 'S', '--provider', 'segment', '--credentials-file', '-', '--json'],
      settingsOf(app),
      JSON.stringify({ write_key: 'write-key-1234567', destination_region: 'US' }),
    );
    await using terminal = new Terminal(['tail', file.json.integration_id], settingsOf(app));
    await terminal.until('Following 1 integration');
    terminal.type('\u0003');
    expect(await terminal.end()).toEqual({ code: 130, isRestored: true });
  });
});

describe('what a server says', () => {
  it('cannot steer the terminal', async () => {
    const evil = `${escape}[2J${escape}]0;owned\u0007\u009b31m\u202eevil`;
    const row = { integration_id: evil, name: evil, provider: 'x', status: 'active', created_at: 'now' };
    const server = createServer((request, response) => {
      const answer = request.url?.startsWith('/api/integrations/') ? { detail: evil } : { data: [row] };
      response.writeHead('detail' in answer ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const settings = { ...settingsOf(app), JACKFIELD_URL: `http://127.0.0.1:${port}` };
    for (const words of [['list'], ['list', '--json'], ['get', 'x'], ['get', 'x', '--json']]) {
      const { output, errors } = await runCommand(['integrations', ...words], settings);
      expect(output + errors).toContain('evil');
      expect(output + errors).not.toMatch(/(?!\n)[\p{Cc}\p{Bidi_Control}]/u);
    }
    server.close();
  });

  it('a redirect is not followed: the key goes to the server that was named', async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(request.url ?? '');
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { code } = await runCommand(['keys', 'list', '--url', `http://127.0.0.1:${port}`], settingsOf(app));
    expect({ code, seen }).toEqual({ code: 3, seen: ['/api/api-keys'] });
    server.close();
  });

  it('a rate limit is waited for', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.writeHead(asked === 1 ? 429 : 200, { 'content-type': 'application/json', 'retry-after': '0' });
      response.end(JSON.stringify({ data: [] }));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const { code } = await runCommand(['keys', 'list', '--url', `http://127.0.0.1:${port}`], settingsOf(app));
    expect({ code, asked }).toEqual({ code: 0, asked: 2 });
    server.close();
  });
});

it('tail follows more integrations than it asks one by one, and says why there was no answer', async () => {
  const { id } = await createSegment(app, ['delivered']);
  for (let made = 0; made < 100; made += 10) {
    await Promise.all(Array.from({ length: 10 }, async () => await createSegment(app, ['open'])));
  }
  const { child, ended, output, errors } = startCommand(['tail'], settingsOf(app));
  await until(() => expect(errors()).toMatch(/Following 10\d integrations/));
  await postEvents(app, newEvents(1));
  await until(() =>
    expect(output()).toMatch(new RegExp(`${id} +retry +1 event  no answer \\(connection refused\\)`)),
  );
  child.kill('SIGINT');
  expect((await ended).code).toBe(130);
});

it('a key comes from a file too, and in no way from an option', async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, 'key');
  await writeFile(file, `${app.roleKey}\n`);
  const { JACKFIELD_API_KEY: _, ...settings } = settingsOf(app);
  expect((await runCommand(['keys', 'list', '--api-key-file', file], settings)).code).toBe(0);
  expect((await runCommand(['keys', 'list', '--api-key', app.roleKey], settings)).code).toBe(2);
});

it('no secret is repeated in a failure', async () => {
  const secret = 'CANARYsecret0123456789';
  const words = ['integrations', 'create', '--name', 'x', '--provider', 'twilio', '--credentials-file', '-'];
  for (const input of [`{"auth_token":"${secret}`, `{"auth_token":"${secret}","account_sid":"x"}`]) {
    const { code, output, errors } = await runCommand(words, settingsOf(app), input);
    expect(code).not.toBe(0);
    expect(output + errors).not.toContain(secret);
  }
  const bad = { ...settingsOf(app), JACKFIELD_API_KEY: `${secret}\u00e9` };
  expect((await runCommand(['keys', 'list'], bad)).errors).not.toContain(secret);
});

it('what is missing is named as it would be typed', async () => {
  const told = async (...words: readonly string[]) => (await runCommand(words, settingsOf(app))).errors;
  expect(await told('integrations', 'create')).toBe('--name is needed.\n');
  expect(await told('keys', 'create')).toContain('- --role is needed\n');
  const twilio = ['integrations', 'create', '--name', 'x', '--provider', 'twilio'];
  expect(await told(...twilio)).toContain('give --credentials-file');
  expect(await told(...twilio, '--credentials-file', '/nope')).toBe(
    '/nope cannot be read: there is no such file.\n',
  );
  expect(await told('keys', 'list', '--url', 'ftp://x')).toContain('- --url: must be an http');
  expect(await told('events', 'follow', 'unknown')).toBe('The log has no event unknown.\n');
  expect(await told('completion', 'tcsh')).toContain('- <shell>: must be one of bash, zsh, fish');
});

describe('completion', () => {
  const complete = async (...words: readonly string[]) =>
    (await runCommand(['__complete', '--', ...words], {})).output.trimEnd().split('\n');

  it('knows commands, their groups and their options', async () => {
    expect(await complete('int')).toEqual(['integrations']);
    expect(await complete('integrations', 'd')).toEqual(['delete']);
    expect(await complete('integrations', 'delete', '--re')).toEqual(['--replace-with']);
    expect(await complete('')).not.toContain('__complete');
  });

  it('works in bash with the script that it prints', async () => {
    const script = [
      `PATH="${fileURLToPath(new URL('../../bin', import.meta.url))}:$PATH"`,
      'eval "$(jackfield completion bash)"',
      'COMP_WORDS=(jackfield vault ro) COMP_CWORD=2',
      '_jackfield',
      'echo "${COMPREPLY[@]}"',
    ].join('\n');
    const child = spawn('bash', ['--norc', '-c', script], { env: { PATH: process.env['PATH'] } });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
    });
    await once(child, 'close');
    expect(output).toBe('rotate\n');
  });

  it('has scripts for zsh and fish, and for no other shell', async () => {
    for (const shell of ['zsh', 'fish']) {
      expect((await runCommand(['completion', shell], {})).output).toContain('jackfield __complete');
    }
    expect((await runCommand(['completion', 'csh'], {})).code).toBe(2);
  });
});
