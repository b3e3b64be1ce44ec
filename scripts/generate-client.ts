/**
 * Writes the types of the dashboard's client from the OpenAPI files: `npm run generate`. With `--check` it writes nothing
 * and fails where the files on disk are not what the contracts say. The shape is the one that openapi-fetch reads.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

type Json = { readonly [key: string]: unknown };

const surfaces = ['butter', 'session'] as const;
const methods = ['get', 'put', 'post', 'delete', 'patch'] as const;
const places = ['query', 'header', 'path', 'cookie'] as const;

export function generatedFiles(): readonly { readonly url: URL; readonly text: string }[] {
  return surfaces.map((name) => ({
    url: new URL(`../dashboard/src/api/generated/${name}.ts`, import.meta.url),
    text: clientTypes(name),
  }));
}

function clientTypes(name: string): string {
  const document: Json = parse(readFileSync(new URL(`../contracts/${name}.yaml`, import.meta.url), 'utf8'));
  const components = asObject(document['components']);
  const schemas = Object.entries(asObject(components['schemas'])).map(
    ([key, schema]) => `    ${JSON.stringify(key)}: ${typeOf(asObject(schema))};`,
  );
  const responses = Object.entries(asObject(components['responses'])).map(
    ([key, response]) => `    ${JSON.stringify(key)}: ${responseType(asObject(response))};`,
  );
  const paths = Object.entries(asObject(document['paths'])).map(
    ([path, item]) => `  ${JSON.stringify(path)}: ${pathType(asObject(item), components)};`,
  );
  return [
    `/** Generated from contracts/${name}.yaml by \`npm run generate\`; edits are lost. */`,
    `export interface components {\n  schemas: {\n${schemas.join('\n')}\n  };`,
    `  responses: {\n${responses.join('\n')}\n  };\n}`,
    `export interface paths {\n${paths.join('\n')}\n}\n`,
  ].join('\n');
}

function pathType(item: Json, components: Json): string {
  const shared = asList(item['parameters']);
  const operations = methods.flatMap((method) => {
    const operation = item[method];
    if (operation === undefined) return [];
    return [`${method}: ${operationType(asObject(operation), shared, components)}`];
  });
  return `{ parameters: ${parametersType([], components)}; ${operations.join('; ')} }`;
}

function operationType(operation: Json, shared: readonly Json[], components: Json): string {
  const parameters = parametersType([...shared, ...asList(operation['parameters'])], components);
  const body = operation['requestBody'];
  const bodyType = body === undefined ? 'requestBody?: never' : requestBodyType(asObject(body));
  const responses = Object.entries(asObject(operation['responses'])).map(
    ([status, response]) => `${status}: ${responseType(asObject(response))}`,
  );
  return `{ parameters: ${parameters}; ${bodyType}; responses: { ${responses.join('; ')} } }`;
}

function parametersType(parameters: readonly Json[], components: Json): string {
  const known = parameters.map((each) => resolveParameter(each, components));
  const groups = places.map((place) => {
    const here = known.filter((each) => each['in'] === place);
    if (here.length === 0) return `${place}?: never`;
    const required = here.some((each) => each['required'] === true);
    const fields = here.map((each) => {
      const mark = each['required'] === true ? '' : '?';
      return `${JSON.stringify(each['name'])}${mark}: ${typeOf(asObject(each['schema']))}`;
    });
    return `${place}${required ? '' : '?'}: { ${fields.join('; ')} }`;
  });
  return `{ ${groups.join('; ')} }`;
}

function resolveParameter(parameter: Json, components: Json): Json {
  const reference = parameter['$ref'];
  if (typeof reference !== 'string') return parameter;
  return asObject(asObject(components['parameters'])[reference.split('/').at(-1) ?? '']);
}

function requestBodyType(body: Json): string {
  const mark = body['required'] === true ? '' : '?';
  return `requestBody${mark}: { content: ${contentType(body)} }`;
}

function responseType(response: Json): string {
  const reference = response['$ref'];
  if (typeof reference === 'string')
    return `components["responses"][${JSON.stringify(reference.split('/').at(-1))}]`;
  const content = response['content'] === undefined ? 'content?: never' : `content: ${contentType(response)}`;
  return `{ headers: { [name: string]: unknown }; ${content} }`;
}

function contentType({ content }: Json): string {
  const types = Object.entries(asObject(content)).map(([type, media]) => {
    const schema = asObject(media)['schema'];
    return `${JSON.stringify(type)}: ${schema === undefined ? 'unknown' : typeOf(asObject(schema))}`;
  });
  return `{ ${types.join('; ')} }`;
}

/** The type of a schema; what has no counterpart in a type (patterns, bounds) is left out. */
function typeOf(schema: Json): string {
  const { $ref: reference, type } = schema;
  if (typeof reference === 'string')
    return `components["schemas"][${JSON.stringify(reference.split('/').at(-1))}]`;
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map((each) => JSON.stringify(each)).join(' | ');
  if (type === undefined)
    return alternatives(schema) ?? (schema['properties'] ? objectType(schema) : 'unknown');
  if (Array.isArray(type)) return type.map((each) => typeOf({ ...schema, type: each })).join(' | ');
  if (type === 'object') return objectType(schema);
  if (type === 'array')
    return `(${schema['items'] === undefined ? 'unknown' : typeOf(asObject(schema['items']))})[]`;
  if (type === 'integer') return 'number';
  return typeof type === 'string' ? type : 'unknown';
}

function alternatives(schema: Json): string | undefined {
  for (const keyword of ['oneOf', 'anyOf']) {
    const among = schema[keyword];
    if (Array.isArray(among)) return among.map((each) => `(${typeOf(asObject(each))})`).join(' | ');
  }
  const all = schema['allOf'];
  return Array.isArray(all) ? all.map((each) => `(${typeOf(asObject(each))})`).join(' & ') : undefined;
}

function objectType(schema: Json): string {
  const required = new Set(asArray(schema['required']));
  const fields = Object.entries(asObject(schema['properties'])).map(([name, property]) => {
    const mark = required.has(name) ? '' : '?';
    return `${JSON.stringify(name)}${mark}: ${property === true ? 'unknown' : typeOf(asObject(property))}`;
  });
  const { additionalProperties: more } = schema;
  if (fields.length === 0) return `{ [name: string]: ${isObject(more) ? typeOf(more) : 'unknown'} }`;
  return `{ ${fields.join('; ')} }`;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}

function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function asList(value: unknown): readonly Json[] {
  return asArray(value).map(asObject);
}

if (import.meta.main) {
  const stale = generatedFiles().filter(({ url, text }) => {
    if (!process.argv.includes('--check')) writeFileSync(url, text);
    return readFileSync(url, 'utf8') !== text;
  });
  if (stale.length > 0) {
    console.error('The generated client is older than the contracts: npm run generate');
    process.exitCode = 1;
  }
}
