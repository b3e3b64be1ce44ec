/** Identifiers: their forms, and how new ones are drawn. Forms come from both wire contracts. */
import { randomBytes } from 'node:crypto';

const base62 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const integrationIdForm = /^intg_[0-9a-f]{12}$/;
export const organizationIdForm = /^org_[A-Za-z0-9]{1,64}$/;

/** The form shared by both surfaces: `intg_` and 12 lower-case hex digits. */
export function isIntegrationId(text: string): boolean {
  return integrationIdForm.test(text);
}

export function newIntegrationId(): string {
  return `intg_${randomBytes(6).toString('hex')}`;
}

export function newOrganizationId(): string {
  return `org_${randomText(20)}`;
}

const apiKeyIdForm = /^apikey_[0-9a-f]{12}$/;

export function newPhoneNumberId(): string {
  return `phon_${randomBytes(6).toString('hex')}`;
}

export function isApiKeyId(text: string): boolean {
  return apiKeyIdForm.test(text);
}

export const eventSourceIdForm = /^src_[0-9a-f]{32}$/;

/** Unguessable: whoever knows it may post events. */
export function newEventSourceId(): string {
  return `src_${randomBytes(16).toString('hex')}`;
}

export function newApiKeyId(): string {
  return `apikey_${randomBytes(6).toString('hex')}`;
}

export const userIdForm = /^user_[A-Za-z0-9]{1,64}$/;

export function newUserId(): string {
  return `user_${randomText(20)}`;
}

export function newSessionId(): string {
  return `sess_${randomBytes(6).toString('hex')}`;
}

/** Names one running process, for leases. */
export function newProcessId(): string {
  return `proc_${randomBytes(8).toString('hex')}`;
}

export function newRequestId(): string {
  return `req_${randomBytes(12).toString('hex')}`;
}

/** `length` characters of [A-Za-z0-9], each drawn evenly: bytes past the last whole multiple of 62 are skipped. */
export function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 248 && text.length < length) text += base62.charAt(byte % 62);
    }
  }
  return text;
}
