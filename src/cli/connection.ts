/** From flags and settings to a server and a key. A key is never an option's value: others on the machine see those. */
import { z } from 'zod';
import { loadClientSettings, serverUrl } from '../config/client.ts';
import type { Environment } from '../config/env.ts';
import { ServerClient } from './client.ts';
import type { SpeaksTo, Words } from './command.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { readTextFile } from './files.ts';
import type { Terminal } from './terminal.ts';

const url = ['--url <url>', 'the server; otherwise JACKFIELD_URL, or http://127.0.0.1:8080'] as const;

export const connectionOptions: Readonly<Record<SpeaksTo, Words>> = {
  nobody: [],
  organization: [
    url,
    ['--organization <id>', 'the organization; otherwise JACKFIELD_ORGANIZATION_ID'],
    ['--api-key-file <file>', 'a file with the API key; otherwise JACKFIELD_API_KEY, or it is asked for'],
  ],
  operator: [
    url,
    [
      '--operator-key-file <file>',
      'a file with the operator key; otherwise JACKFIELD_OPERATOR_KEY, or it is asked for',
    ],
  ],
};

const flags = z.object({
  url: serverUrl.optional(),
  organization: z.string().optional(),
  apiKeyFile: z.string().optional(),
  operatorKeyFile: z.string().optional(),
});

export interface Connection {
  readonly speaksTo: SpeaksTo;
  readonly input: unknown;
  readonly environment: Environment;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** @throws CommandError notAllowed where there is no key, ZodError */
export async function connect(connection: Connection): Promise<ServerClient> {
  const { speaksTo, environment, terminal, signal } = connection;
  const given = flags.parse(connection.input);
  const settings = loadClientSettings(environment, given.url);
  if (speaksTo === 'operator') {
    const key = await keyFrom(terminal, {
      file: given.operatorKeyFile,
      setting: settings.operatorKey,
      name: 'operator key',
    });
    return new ServerClient({ url: settings.url, headers: { authorization: `Bearer ${key}` }, signal });
  }
  const organizationId = given.organization ?? settings.organizationId ?? (await askOrganization(terminal));
  const key = await keyFrom(terminal, { file: given.apiKeyFile, setting: settings.apiKey, name: 'API key' });
  const headers = { 'x-api-key': key, 'x-organization-id': organizationId };
  return new ServerClient({ url: settings.url, headers, signal });
}

async function askOrganization(terminal: Terminal): Promise<string> {
  if (terminal.isInteractive) return await terminal.ask('Organization id');
  throw new CommandError(exitCodes.badUsage, 'Set JACKFIELD_ORGANIZATION_ID or give --organization.');
}

interface KeySource {
  readonly file: string | undefined;
  readonly setting: string | undefined;
  readonly name: string;
}

async function keyFrom(terminal: Terminal, { file, setting, name }: KeySource): Promise<string> {
  const key = (
    file === undefined ? (setting ?? (await askKey(terminal, name))) : await readTextFile(file)
  ).trim();
  // a header cannot hold anything else, and the error of the attempt would quote it
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new CommandError(exitCodes.badUsage, `The ${name} has not the form of a key.`);
}

async function askKey(terminal: Terminal, name: string): Promise<string> {
  if (terminal.isInteractive) return await terminal.askSecret(`The ${name}`);
  const [setting, flag] =
    name === 'operator key'
      ? ['JACKFIELD_OPERATOR_KEY', '--operator-key-file']
      : ['JACKFIELD_API_KEY', '--api-key-file'];
  throw new CommandError(exitCodes.notAllowed, `There is no ${name}: set ${setting} or give ${flag}.`);
}
