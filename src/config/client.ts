/** Settings of the commands that speak to a running server. */
import { z } from 'zod';
import type { Environment } from './env.ts';

export const serverUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), {
    message: 'must be an http:// or https:// URL',
  });

export const clientSettings = z.object({
  JACKFIELD_URL: serverUrl.default('http://127.0.0.1:8080'),
  JACKFIELD_ORGANIZATION_ID: z.string().optional(),
  JACKFIELD_API_KEY: z.string().optional(),
});

const withOperatorKey = clientSettings.extend({ JACKFIELD_OPERATOR_KEY: z.string().optional() });

export interface ClientSettings {
  readonly url: URL;
  readonly organizationId: string | undefined;
  readonly apiKey: string | undefined;
  readonly operatorKey: string | undefined;
}

/** @throws ZodError that names the setting, never its value. */
export function loadClientSettings(environment: Environment, url: string | undefined): ClientSettings {
  const values = withOperatorKey.parse({ ...environment, ...(url !== undefined && { JACKFIELD_URL: url }) });
  return {
    url: new URL(values.JACKFIELD_URL),
    organizationId: values.JACKFIELD_ORGANIZATION_ID,
    apiKey: values.JACKFIELD_API_KEY,
    operatorKey: values.JACKFIELD_OPERATOR_KEY,
  };
}
