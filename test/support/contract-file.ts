/** An OpenAPI file of contracts/ as a judge of answers: which response it declares for one, and what does not fit. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import { z } from 'zod';
import type { SentAnswer } from './sent-answers.ts';

const httpMethods = ['GET', 'PUT', 'POST', 'DELETE', 'OPTIONS', 'HEAD', 'PATCH', 'TRACE'] as const;
const documentForm = z.looseObject({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });
const responseForm = z.looseObject({
  headers: z.record(z.string(), z.unknown()).default({}),
  content: z.record(z.string(), z.unknown()).optional(),
});
const referenceForm = z.object({ $ref: z.string() });
const headerForm = z.looseObject({
  required: z.boolean().default(false),
  schema: z.looseObject({ type: z.string() }),
});

/** Keys that lead from the document's root to a part of it. */
export type Location = readonly string[];

interface Found {
  readonly location: Location;
  readonly value: unknown;
}

export class ContractFile {
  readonly document: z.infer<typeof documentForm>;
  /** The methods that each path declares, in capitals. */
  readonly operations: ReadonlyMap<string, readonly string[]>;
  readonly #ajv: Ajv2020;
  readonly #validators = new Map<string, ValidateFunction>();
  /** By the keys that lead there: every answer asks for the same few places. */
  readonly #places = new Map<string, Found | undefined>();
  readonly #templates: readonly { readonly template: string; readonly form: RegExp }[];

  constructor(file: URL) {
    this.document = documentForm.parse(parse(readFileSync(file, 'utf8')));
    this.operations = new Map(
      Object.entries(this.document.paths).map(([path, item]) => [path, methodsOf(item)]),
    );
    // lists whose beginning has a form of its own may go on without end
    this.#ajv = new Ajv2020({ allErrors: true, strict: true, strictTuples: false });
    formats.default(this.#ajv);
    // so that references resolve from the document's root, which is no schema itself
    this.#ajv.addVocabulary(Object.keys(this.document)).addSchema(this.document, 'contract');
    this.#templates = Object.keys(this.document.paths).map((template) => ({
      template,
      form: new RegExp(`^${RegExp.escape(template).replace(/\\\{.*?\\\}/g, '[^/]*')}$`),
    }));
  }

  /** The declared path that a decoded path belongs to; one without parameters comes first. */
  templateOf(path: string): string | undefined {
    if (this.operations.has(path)) return path;
    return this.#templates.find(({ form }) => form.test(path))?.template;
  }

  /** The part of the document at a location, with every reference on the way followed; undefined where it ends. */
  find(location: Location): Found | undefined {
    const keys = location.join('\n');
    if (!this.#places.has(keys)) this.#places.set(keys, this.#walk(location));
    return this.#places.get(keys);
  }

  #walk(location: Location): Found | undefined {
    let found: Found = { location: [], value: this.document };
    for (const key of location) {
      if (typeof found.value !== 'object' || found.value === null || !Object.hasOwn(found.value, key))
        return undefined;
      found = { location: [...found.location, key], value: Reflect.get(found.value, key) };
      const reference = referenceForm.safeParse(found.value);
      if (!reference.success) continue;
      const target = this.find(reference.data.$ref.slice('#/'.length).split('/'));
      if (target === undefined) throw new Error(`${reference.data.$ref} refers to nothing`);
      found = target;
    }
    return found;
  }

  /** What of an answer does not fit a declared response. Tells places and rules, never the answer's content. */
  check(response: Location, answer: SentAnswer): readonly string[] {
    const found = this.find(response);
    if (found === undefined) return [`status ${answer.status} is not declared`];
    const { headers, content } = responseForm.parse(found.value);
    const names = Object.keys(headers);
    return [
      ...names.flatMap((name) => this.#checkHeader([...found.location, 'headers', name], answer)),
      ...this.#checkBody([...found.location, 'content'], Object.keys(content ?? {}), answer),
    ];
  }

  #checkHeader(location: Location, answer: SentAnswer): readonly string[] {
    const name = location.at(-1) ?? '';
    const { required, schema } = headerForm.parse(this.find(location)?.value);
    const text = answer.headers.get(name.toLowerCase());
    if (text === undefined) return required ? [`header ${name} is missing`] : [];
    const value = schema.type === 'integer' ? Number(text) : text;
    return this.#validate(`header ${name}`, value, [...location, 'schema']);
  }

  #checkBody(content: Location, types: readonly string[], answer: SentAnswer): readonly string[] {
    if (types.length === 0) return answer.body === '' ? [] : ['body must be empty'];
    const type = answer.headers.get('content-type')?.split(';')[0]?.trim() ?? '';
    if (!types.includes(type)) return [`Content-Type must be ${types.join(' or ')}`];
    // Node sends none, whatever it is given
    if (answer.method === 'HEAD') return [];
    try {
      return this.#validate('body', parseBody(type, answer.body), [...content, type, 'schema']);
    } catch (error) {
      // the parser's own message quotes the body
      if (error instanceof SyntaxError) return ['body is no JSON'];
      throw error;
    }
  }

  #validate(name: string, value: unknown, schema: Location): readonly string[] {
    const validate = this.#validator(this.find(schema)?.location ?? schema);
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message, params }) => {
      const extra: unknown = params['additionalProperty'];
      return `${name}${instancePath} ${message}${typeof extra === 'string' ? `: ${extra}` : ''}`;
    });
  }

  /** Compiled when first needed: a test file uses few of them. */
  #validator(schema: Location): ValidateFunction {
    const pointer = schema.map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/');
    const known = this.#validators.get(pointer);
    if (known !== undefined) return known;
    const compiled = this.#ajv.compile({ $ref: `contract#/${pointer}` });
    this.#validators.set(pointer, compiled);
    return compiled;
  }
}

function methodsOf(pathItem: object): readonly string[] {
  return httpMethods.filter((method) => Object.hasOwn(pathItem, method.toLowerCase()));
}

/** @throws SyntaxError */
function parseBody(type: string, text: string): unknown {
  if (['text/html', 'text/event-stream', 'text/csv'].includes(type)) return text;
  return type === 'application/x-ndjson' ? parseLines(text) : parseJson(text);
}

function parseJson(text: string): unknown {
  return JSON.parse(text);
}

/** One value in each line, the last line ended too. @throws SyntaxError */
function parseLines(text: string): readonly unknown[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new SyntaxError('the last line is not ended');
  return lines.map(parseJson);
}
