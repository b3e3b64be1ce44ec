/** What Jackfield knows of one third-party application. Adding one is a folder beside this file and a line in catalog.ts. */
import type { z } from 'zod';
import type { IntegrationStatus, ProviderName } from '../core/integration.ts';
import type { PhoneNumberProvider } from '../core/phone-number.ts';

export interface Provider {
  readonly name: ProviderName;
  /** For people. */
  readonly title: string;
  readonly category: string;
  /** The `credentials` object of a request, `provider` included. */
  readonly credentials: z.ZodObject;
  /** Those keys of the credentials that are no secret and are kept readable. */
  readonly settings: readonly string[];
  /** Phone numbers of these providers may refer to it. */
  readonly referredToBy: readonly PhoneNumberProvider[];
  /** Whether email events can be forwarded to it. */
  readonly takesEmailEvents: boolean;
  /** Asks the application whether the credentials are good. Undefined: there is no way to ask. */
  readonly verify: Verify | undefined;
}

/** `unknown`: the application did not say; nothing changes and it is asked again later. */
export type VerificationOutcome = IntegrationStatus | 'unknown';

export type Verify = (
  credentials: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<VerificationOutcome>;

/** What a credential schema says of a secret field: forms hide what is typed, and nothing ever reads it back. */
export function secret(title: string) {
  return { title, writeOnly: true, format: 'password' } as const;
}
