/** contracts/cli.yaml as a judge of what commands print with --json. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';

const folder = new URL('../../contracts/', import.meta.url);
const read = (name: string) => parse(readFileSync(new URL(name, folder), 'utf8'));

const schemas: Readonly<Record<string, object>> = read('cli.yaml');
const apis = ['butter.yaml', 'operator.yaml'].map((name) => ({ name, document: read(name) }));

const ajv = new Ajv2020({ allErrors: true, strict: true, strictTuples: false, allowUnionTypes: true });
formats.default(ajv);
// so that references resolve from each document's root, which is no schema itself
const words = new Set(apis.flatMap(({ document }) => Object.keys(document)));
ajv.addVocabulary([...words]);
for (const { name, document } of apis) ajv.addSchema(document, name);

export const commandsWithSchema: readonly string[] = Object.keys(schemas);

/** What of a result does not fit the command's schema: places and rules. */
export function violations(command: string, result: unknown): readonly string[] {
  const schema = schemas[command];
  if (schema === undefined) return [`no schema for ${command}`];
  const validate = ajv.compile(schema);
  if (validate(result)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${command}${instancePath} ${message}`);
}
