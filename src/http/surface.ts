/** A surface: one wire API under one path prefix, with its own words, shapes and status codes. */
import type { FastifyPluginAsync } from 'fastify';
import type { Failure } from '../core/errors.ts';
import type { WireError } from './failure.ts';

export interface Surface {
  /** Starts with a slash, ends without one. */
  readonly prefix: string;
  readonly plugin: FastifyPluginAsync;
  /** Also used where a request fails before any route is chosen. */
  readonly renderFailure: (failure: Failure) => WireError;
}

/** The surface that a path belongs to; the first one where it belongs to none. */
export function surfaceOf(path: string, surfaces: readonly [Surface, ...Surface[]]): Surface {
  return surfaces.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`)) ?? surfaces[0];
}
