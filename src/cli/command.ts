/** What a command is: its words, what it takes, and what it does. `program.ts` makes a command line of them. */
import type { z } from 'zod';
import type { Environment } from '../config/env.ts';
import type { ServerClient } from './client.ts';
import type { Terminal } from './terminal.ts';

/** Whose key a command needs, and so which options it has for it. */
export type SpeaksTo = 'organization' | 'operator' | 'nobody';

export interface Context {
  readonly terminal: Terminal;
  readonly environment: Environment;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** The server, with the key of this kind of command. */
  readonly connect: () => Promise<ServerClient>;
}

export type Words = readonly (readonly [syntax: string, description: string])[];

export interface Command {
  readonly path: readonly [string, ...string[]];
  readonly summary: string;
  /** What else there is to know, below the summary. */
  readonly details: string | undefined;
  readonly arguments: Words;
  readonly options: Words;
  readonly speaksTo: SpeaksTo;
  /** Whether it can give its result as JSON: everything but what has no result. */
  readonly json: boolean;
  /** @throws CommandError, z.ZodError for unusable input */
  readonly run: (input: unknown, context: Context) => Promise<void>;
}

export interface Definition<T extends z.ZodType> {
  /** With spaces: `integrations list`. */
  readonly name: string;
  readonly summary: string;
  readonly details?: string;
  readonly arguments?: Words;
  readonly options?: Words;
  readonly speaksTo: SpeaksTo;
  readonly json?: boolean;
  /** Arguments and options together, by name. */
  readonly input: T;
  readonly run: (input: z.output<T>, context: Context) => Promise<void>;
}

export function command<T extends z.ZodType>(definition: Definition<T>): Command {
  const [first = '', ...rest] = definition.name.split(' ');
  return {
    path: [first, ...rest],
    summary: definition.summary,
    details: definition.details,
    arguments: definition.arguments ?? [],
    options: definition.options ?? [],
    speaksTo: definition.speaksTo,
    json: definition.json ?? true,
    run: async (input, context) => await definition.run(definition.input.parse(input), context),
  };
}
