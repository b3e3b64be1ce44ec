/** compose.yaml as Compose reads it: YAML, and then variables replaced in its texts. */
import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { root } from './dockerfile.ts';

type Environment = Readonly<Record<string, string>>;

const variable = /\$\{(\w+):([-?])([^}]*)\}/g;

/** @throws Error that names the first variable that is required and missing */
export async function readCompose(environment: Environment): Promise<any> {
  return parse(await readText(), (_, value: unknown) =>
    typeof value === 'string' ? replaceVariables(value, environment) : value,
  );
}

/** Name → whether a value has to be given. */
export async function composeVariables(): Promise<ReadonlyMap<string, boolean>> {
  const found = (await readText()).matchAll(variable);
  return new Map([...found].map(([, name = '', operator]) => [name, operator === '?']));
}

async function readText(): Promise<string> {
  return await readFile(`${root}compose.yaml`, 'utf8');
}

function replaceVariables(text: string, environment: Environment): string {
  const replaced = text.replaceAll(variable, (_, name: string, operator: string, rest: string) => {
    // as with these operators in Compose, an empty value counts as missing
    const value = environment[name] ?? '';
    if (value === '' && operator === '?') {
      throw new Error(`required variable ${name} is missing a value: ${rest}`);
    }
    return value === '' ? rest : value;
  });
  if (replaced.includes('$')) throw new Error('a variable is written in another form');
  return replaced;
}
