/** Ready requests for each operation of an OpenAPI file, in curl, Node and Python. */
import { z } from 'zod';

const operationForm = z.looseObject({
  description: z.string().default(''),
  security: z.array(z.record(z.string(), z.unknown())).optional(),
  parameters: z.array(z.unknown()).default([]),
  requestBody: z
    .looseObject({ content: z.record(z.string(), z.looseObject({ example: z.unknown().optional() })) })
    .optional(),
});
const parameterForm = z.looseObject({
  name: z.string(),
  in: z.string(),
  required: z.boolean().default(false),
  explode: z.boolean().default(true),
  schema: z.unknown().optional(),
  example: z.unknown().optional(),
});
type Parameter = z.infer<typeof parameterForm>;
const itemForm = z.looseObject({ parameters: z.array(z.unknown()).default([]) });
const schemaForm = z.looseObject({
  example: z.unknown().optional(),
  examples: z.array(z.unknown()).optional(),
});
const schemeForm = z.looseObject({
  type: z.string(),
  in: z.string().optional(),
  name: z.string().optional(),
});
export const contractForm = z.looseObject({
  info: z.looseObject({ title: z.string(), summary: z.string().default('') }),
  security: z.array(z.record(z.string(), z.unknown())).default([]),
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.looseObject({ securitySchemes: z.record(z.string(), z.unknown()).default({}) }),
});
type Contract = z.infer<typeof contractForm>;

/** A header whose value a shell or program takes from its environment. */
interface SampleHeader {
  readonly name: string;
  readonly prefix: string;
  readonly variable: string;
}

interface SampleRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly SampleHeader[];
  /** JSON. */
  readonly body: string | undefined;
}

const methods = new Set(['get', 'post', 'put', 'patch', 'delete']);

/** The same document, with samples in the description of each operation. */
export function withSamples(document: Contract, origin: string): Contract {
  const paths = Object.entries(document.paths).map(([path, item]) => {
    const shared = itemForm.parse(item).parameters;
    const operations = Object.entries(item).map(([method, operation]) =>
      methods.has(method)
        ? ([method, describe(document, operation, { method, origin, path, shared })] as const)
        : ([method, operation] as const),
    );
    return [path, Object.fromEntries(operations)] as const;
  });
  return { ...document, paths: Object.fromEntries(paths) };
}

interface Place {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  /** The parameters of every operation at this path. */
  readonly shared: readonly unknown[];
}

function describe(document: Contract, given: unknown, { method, origin, path, shared }: Place) {
  const operation = operationForm.parse(given);
  const parameters = [...shared, ...operation.parameters].map((each) =>
    parameterForm.parse(resolve(document, each)),
  );
  const request: SampleRequest = {
    method: method.toUpperCase(),
    url: origin + fill(document, path, parameters),
    headers: headersOf(document, operation.security ?? document.security, origin),
    body: bodyOf(operation),
  };
  const samples = [
    ['curl', 'sh', curl(request)],
    ['Node', 'js', node(request)],
    ['Python', 'py', python(request)],
  ].map(([title, language, text]) => `**${title}**\n\n\`\`\`${language}\n${text}\n\`\`\``);
  return { ...operation, description: [operation.description, ...samples].join('\n\n').trim() };
}

/** The path with everything that is required, and with what has an example of its own. */
function fill(document: Contract, path: string, parameters: readonly Parameter[]): string {
  const filled = parameters
    .filter((each) => each.in === 'path')
    .reduce((text, each) => text.replace(`{${each.name}}`, valuesOf(document, each).join(',')), path);
  const query = parameters
    .filter((each) => each.in === 'query' && (each.required || each.example !== undefined))
    .flatMap((each) => {
      const values = valuesOf(document, each);
      return (each.explode ? values : [values.join(',')]).map((value) => `${each.name}=${value}`);
    });
  return query.length === 0 ? filled : `${filled}?${query.join('&')}`;
}

function valuesOf(document: Contract, parameter: Parameter): readonly string[] {
  const { example, examples } = schemaForm.parse(resolve(document, parameter.schema ?? {}));
  const value = parameter.example ?? example ?? examples?.[0];
  return [value].flat().map((each) => encodeURIComponent(String(each)));
}

/** For the first way of several to say who one is. */
function headersOf(
  document: Contract,
  security: readonly Readonly<Record<string, unknown>>[],
  origin: string,
): SampleHeader[] {
  return Object.keys(security[0] ?? {}).flatMap((key) => {
    const scheme = schemeForm.parse(resolve(document, document.components.securitySchemes[key]));
    if (scheme.type === 'http') return [{ name: 'Authorization', prefix: 'Bearer ', variable: 'API_KEY' }];
    if (scheme.name === undefined) return [];
    if (scheme.in === 'cookie') return [cookieHeader(scheme.name, origin)];
    if (scheme.in !== 'header') return [];
    return [{ name: scheme.name, prefix: '', variable: variableOf(scheme.name) }];
  });
}

function cookieHeader(name: string, origin: string): SampleHeader {
  const prefix = origin.startsWith('https:') ? '__Host-' : '';
  return { name: 'Cookie', prefix: `${prefix}${name}=`, variable: name.toUpperCase() };
}

function variableOf(header: string): string {
  return header.replace(/^X-/, '').replaceAll('-', '_').toUpperCase();
}

function bodyOf({ requestBody }: z.infer<typeof operationForm>): string | undefined {
  const example = requestBody?.content['application/json']?.example;
  return example === undefined ? undefined : JSON.stringify(example, null, 2);
}

/** What a local reference leads to. */
function resolve(document: Contract, value: unknown): unknown {
  const reference = z.object({ $ref: z.string().startsWith('#/') }).safeParse(value);
  if (!reference.success) return value;
  let found: unknown = document;
  for (const key of reference.data.$ref.slice(2).split('/')) {
    found = typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined;
  }
  return resolve(document, found);
}

function curl({ method, url, headers, body }: SampleRequest): string {
  const lines = [`curl -X ${method} "${url}"`];
  for (const { name, prefix, variable } of headers) lines.push(`  -H "${name}: ${prefix}$${variable}"`);
  if (body !== undefined) {
    lines.push('  -H "Content-Type: application/json"', `  -d '${body.replaceAll("'", "'\\''")}'`);
  }
  return lines.join(' \\\n');
}

function node({ method, url, headers, body }: SampleRequest): string {
  const fields = headers.map(({ name, prefix, variable }) =>
    prefix === ''
      ? `    '${name}': process.env.${variable},`
      : `    '${name}': \`${prefix}\${process.env.${variable}}\`,`,
  );
  if (body !== undefined) fields.push(`    'Content-Type': 'application/json',`);
  const lines = [`const response = await fetch('${url}', {`, `  method: '${method}',`];
  if (fields.length > 0) lines.push('  headers: {', ...fields, '  },');
  if (body !== undefined) lines.push(`  body: JSON.stringify(${body.replaceAll('\n', '\n  ')}),`);
  return [...lines, '});', 'console.log(response.status, await response.text());'].join('\n');
}

function python({ method, url, headers, body }: SampleRequest): string {
  const fields = headers.map(
    ({ name, prefix, variable }) =>
      `    "${name}": ${prefix === '' ? '' : `"${prefix}" + `}os.environ["${variable}"],`,
  );
  const lines = ['import os, requests', '', `response = requests.request(`, `  "${method}", "${url}",`];
  if (fields.length > 0) lines.push('  headers={', ...fields, '  },');
  if (body !== undefined) lines.push(`  json=${pythonOf(body).replaceAll('\n', '\n  ')},`);
  return [...lines, ')', 'print(response.status_code, response.text)'].join('\n');
}

/** JSON as a Python literal: only these words differ, and they stand behind a colon, a bracket or at a line's begin. */
function pythonOf(json: string): string {
  const words: Readonly<Record<string, string>> = { true: 'True', false: 'False', null: 'None' };
  return json.replaceAll(
    /(^\s*|": )(true|false|null)(?=,?$)/gm,
    (_, before: string, word: string) => before + (words[word] ?? word),
  );
}
