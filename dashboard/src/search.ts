/**
 * What the addresses of pages may carry. People edit addresses and follow old ones, so whatever is unusable counts as
 * not given. Every name is always answered, undefined where there is no value: the router keeps a raw value wherever a
 * name is left out.
 */
import { stateWords } from './components/state-badge.tsx';
import { categoryTitles, orderTitles, providerTitles } from './words.ts';

type Raw = Readonly<Record<string, unknown>>;

export interface IntegrationSearch {
  readonly search?: string | undefined;
  readonly provider?: string | undefined;
  readonly category?: string | undefined;
  readonly state?: string | undefined;
  readonly sort?: string | undefined;
}

export interface AuditSearch {
  readonly action?: string | undefined;
  readonly actor?: string | undefined;
  readonly target_id?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

interface SignInSearch {
  readonly from?: string | undefined;
  readonly ended?: boolean | undefined;
}

export const readIntegrationSearch = (raw: Raw): IntegrationSearch => ({
  ...texts(raw, 'search'),
  provider: oneOf(providerTitles, raw['provider']),
  category: oneOf(categoryTitles, raw['category']),
  state: oneOf(stateWords, raw['state']),
  sort: oneOf(orderTitles, raw['sort']),
});

export const readAuditSearch = (raw: Raw): AuditSearch => ({
  ...texts(raw, 'action', 'actor', 'target_id'),
  from: day(raw['from']),
  to: day(raw['to']),
});

export const readSignInSearch = (raw: Raw): SignInSearch => ({
  from: localPath(raw['from']),
  ended: raw['ended'] === true ? true : undefined,
});

export function texts<Name extends string>(
  raw: Raw,
  ...names: readonly Name[]
): { readonly [name in Name]?: string | undefined };
export function texts(raw: Raw, ...names: readonly string[]) {
  return Object.fromEntries(names.map((name) => [name, text(raw[name])]));
}

/** A path of these pages, and nothing that leads to another site or is a script. */
export function localPath(value: unknown): string | undefined {
  const path = text(value);
  if (path === undefined || !path.startsWith('/')) return undefined;
  // read as browsers read it, who skip line breaks and take a backslash for a slash
  const here = window.location.origin;
  if (!URL.canParse(path, here)) return undefined;
  const url = new URL(path, here);
  if (url.origin !== here || url.pathname.startsWith('//')) return undefined;
  return url.pathname + url.search + url.hash;
}

/** The router reads "12345" as a number and "true" as a truth. */
function text(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function oneOf(known: Readonly<Record<string, unknown>>, value: unknown): string | undefined {
  const given = text(value);
  return given !== undefined && Object.hasOwn(known, given) ? given : undefined;
}

/** A day as the browser's own field writes it. */
function day(value: unknown): string | undefined {
  const given = text(value);
  if (given === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(given)) return undefined;
  const date = new Date(`${given}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(given) ? given : undefined;
}
