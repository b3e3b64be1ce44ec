import { createSign, generateKeyPairSync } from 'node:crypto';
import { EventWebhook } from '@sendgrid/eventwebhook';
import { describe, expect, it } from 'vitest';
import { isSigned, parsePublicKey } from './webhook-signature.ts';

const timestamp = '1700000000';
// the formatting of SendGrid: a carriage return and a line feed after every element, the last one too
const body =
  '[{"email":"älex@example.com","event":"open","sg_event_id":"a"},\r\n{"event":"click","sg_event_id":"b"}]\r\n';

function newKey(namedCurve = 'prime256v1') {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve });
  return { text: publicKey.export({ type: 'spki', format: 'der' }).toString('base64'), privateKey };
}

const key = newKey();
const signature = createSign('sha256')
  .update(timestamp + body)
  .sign(key.privateKey, 'base64');

interface Post {
  readonly text?: string;
  readonly signature?: string;
  readonly timestamp?: string;
  readonly body?: string;
}

function isAccepted(post: Post): boolean {
  const parsed = parsePublicKey(post.text ?? key.text);
  if (parsed === undefined) throw new Error('no key');
  const signed = { signature, timestamp, body, ...post };
  return isSigned(parsed, { ...signed, body: Buffer.from(signed.body) });
}

function isAcceptedOfficially(post: Post): boolean {
  const signed = { text: key.text, signature, timestamp, body, ...post };
  const webhook = new EventWebhook();
  const publicKey = webhook.convertPublicKeyToECDSA(signed.text);
  return webhook.verifySignature(publicKey, Buffer.from(signed.body), signed.signature, signed.timestamp);
}

describe('a signature of the webhook', () => {
  it('made by node:crypto is accepted here and by the official package', () => {
    expect([isAccepted({}), isAcceptedOfficially({})]).toEqual([true, true]);
  });

  it.each<{ what: string; post: Post }>([
    { what: 'without the line end after the last element', post: { body: body.trimEnd() } },
    { what: 'of JSON that was written anew', post: { body: JSON.stringify(JSON.parse(body)) } },
    { what: 'with another timestamp', post: { timestamp: '1700000001' } },
    { what: 'with the key of somebody else', post: { text: newKey().text } },
  ])('$what is refused here and by the official package', ({ post }) => {
    expect([isAccepted(post), isAcceptedOfficially(post)]).toEqual([false, false]);
  });

  it.each(['', 'garbage', 'AAAA', signature.slice(0, 20)])('of the form %j is refused', (broken) => {
    expect(isAccepted({ signature: broken })).toBe(false);
  });
});

describe('a public key', () => {
  it.each([
    ['of another curve', newKey('secp384r1').text],
    ['of the curve of Bitcoin', newKey('secp256k1').text],
    ['of RSA', rsaKey()],
    ['that is text', 'not a key'],
    ['that is empty', ''],
    ['that was cut off', key.text.slice(0, 40)],
  ])('%s is none', (_, text) => {
    expect(parsePublicKey(text)).toBeUndefined();
  });
});

function rsaKey(): string {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  return publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
}
