/** Bodies of integrations: `credentials` are checked against the schema of the provider they name. */
import { z } from 'zod';
import { emailEvents } from '../../core/email-event.ts';
import { AppError } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { storableText } from '../../core/text.ts';
import type { Catalog } from '../../providers/catalog.ts';
import type { Provider } from '../../providers/provider.ts';
import { time, validate } from './validation.ts';

const name = storableText(1, 100);
const credentials = z.looseObject({ provider: z.string() });
const filters = z.object({
  email_events: z.array(z.enum(emailEvents)).transform((events) => [...new Set(events)]),
});

const creation = z.object({
  name,
  credentials,
  filters: filters.optional(),
  /** Events that came in since then are forwarded too. */
  start_from: time.optional(),
});
const change = z.object({
  name: name.optional(),
  credentials: credentials.optional(),
  filters: filters.optional(),
});

/** Credentials taken apart: what is secret, and what the provider needs besides. */
export interface ReadCredentials {
  readonly provider: Provider;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly secret: Secret;
}

export function readCreation(catalog: Catalog, body: unknown) {
  const input = validate(creation, body);
  const read = readCredentials(catalog, input.credentials);
  const events = input.filters?.email_events ?? [];
  if (input.filters !== undefined) requireEmailEvents(read.provider, 'filters');
  if (input.start_from !== undefined) requireEmailEvents(read.provider, 'start_from');
  return { name: input.name, emailEvents: events, startFrom: input.start_from, ...read };
}

export function readChange(catalog: Catalog, body: unknown) {
  const input = validate(change, body);
  const read = input.credentials && readCredentials(catalog, input.credentials);
  return { name: input.name, emailEvents: input.filters?.email_events, credentials: read };
}

/** @throws AppError invalid_request where the provider takes no email events. */
export function requireEmailEvents(
  { takesEmailEvents, title }: Provider,
  field: 'filters' | 'start_from',
): void {
  if (takesEmailEvents) return;
  const message = `${title} takes no email events`;
  throw new AppError({ code: 'invalid_request', issues: [{ path: [field], message }] });
}

function readCredentials(catalog: Catalog, input: z.output<typeof credentials>): ReadCredentials {
  const provider = catalog.find(input.provider);
  if (provider === undefined) {
    const known = catalog.providers.map((each) => `'${each.name}'`).join(' or ');
    const path = ['credentials', 'provider'];
    const issue = { type: 'enum', path, message: `Input should be ${known}` };
    throw new AppError({ code: 'invalid_request', issues: [issue] });
  }
  const { provider: _, ...values } = validate(provider.credentials, input, 'body', ['credentials']);
  const isSetting = ([key]: [string, unknown]) => provider.settings.includes(key);
  const entries = Object.entries(values);
  return {
    provider,
    settings: Object.fromEntries(entries.filter(isSetting)),
    secret: new Secret(JSON.stringify(Object.fromEntries(entries.filter((entry) => !isSetting(entry))))),
  };
}
