/** Credentials for an integration: from a file, or asked for one by one, what is secret without showing it. */
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import type { ServerClient } from './client.ts';
import { CommandError, exitCodes } from './exit-codes.ts';
import { readTextFile } from './files.ts';
import type { Terminal } from './terminal.ts';

const object = z.record(z.string(), z.unknown());
const field = z.looseObject({
  title: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  format: z.string().optional(),
  writeOnly: z.boolean().optional(),
});
const catalogue = z.looseObject({
  data: z.array(
    z.looseObject({
      provider: z.string(),
      credentials_schema: z.looseObject({ properties: z.record(z.string(), field) }),
    }),
  ),
});

/** @throws CommandError badUsage, never with anything of the file's content. */
export async function readCredentialsFile(file: string): Promise<Readonly<Record<string, unknown>>> {
  const content = file === '-' ? await text(process.stdin) : await readTextFile(file);
  try {
    return object.parse(JSON.parse(content));
  } catch {
    // the parser's own message quotes the text
    throw new CommandError(exitCodes.badUsage, `${file} has no JSON object.`);
  }
}

/** Asks for each field that the provider's schema names. */
export async function askCredentials(
  terminal: Terminal,
  client: ServerClient,
  provider: string,
): Promise<Readonly<Record<string, unknown>>> {
  if (!terminal.isInteractive) {
    const reason = 'There is no terminal to ask for credentials on: give --credentials-file.';
    throw new CommandError(exitCodes.badUsage, reason);
  }
  const { data } = catalogue.parse(await client.body('GET', '/api/providers'));
  const known = data.find((each) => each.provider === provider);
  if (known === undefined) {
    const names = data.map((each) => each.provider).join(', ');
    throw new CommandError(exitCodes.badUsage, `There is no provider ${provider}. Known: ${names}.`);
  }
  const answers: Record<string, string> = {};
  for (const [name, form] of Object.entries(known.credentials_schema.properties)) {
    if (form.const !== undefined) continue;
    const title = form.title ?? name;
    const isSecret = form.writeOnly === true || form.format === 'password';
    const choice = form.enum === undefined ? title : `${title} (${form.enum.join(' or ')})`;
    answers[name] = isSecret ? await terminal.askSecret(title) : await terminal.ask(choice);
  }
  return answers;
}
