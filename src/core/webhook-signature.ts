/**
 * The signature of SendGrid's Event Webhook: ECDSA over P-256 and SHA-256, of the timestamp header followed by the raw
 * body, base64 of ASN.1 DER (contract: events, section 1.4).
 */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';

/** The key as SendGrid shows it: base64 of the SPKI, without armour. Undefined where it is not such a key. */
export function parsePublicKey(text: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'spki' });
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key : undefined;
  } catch {
    // the library's message says nothing that the caller does not: it is no key
    return undefined;
  }
}

export interface SignedRequest {
  readonly signature: string;
  readonly timestamp: string;
  readonly body: Uint8Array;
}

export function isSigned(key: KeyObject, { signature, timestamp, body }: SignedRequest): boolean {
  const signed = Buffer.concat([Buffer.from(timestamp), body]);
  return verify('sha256', signed, key, Buffer.from(signature, 'base64'));
}
