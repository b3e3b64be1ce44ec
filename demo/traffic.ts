/**
 * SendGrid's side: signed posts, one after the other, so that the order of the log is known here too. Now and then an
 * event comes a second time, as SendGrid's do.
 */
import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { type DemoEvent, newEvent } from './events.ts';

const postsPerSecond = 4;
const repeatShare = 0.25;
const repeatsAtOnce = 3;

/** Times by performance.now(). */
export interface Post {
  /** In the order in which they stand in the log; the first one was never sent before. */
  readonly events: readonly DemoEvent[];
  readonly sentAt: number;
  readonly acceptedAt: number;
}

const answerForm = z.object({ accepted: z.int(), rejected: z.int() });

export class Traffic {
  /** In the form in which SendGrid shows it: base64 of the SPKI. */
  readonly publicKey: string;
  readonly posts: Post[] = [];
  /** As Jackfield has answered. */
  accepted = 0;
  readonly #privateKey: KeyObject;
  readonly #eventsPerPost: number;
  #next = 0;

  constructor(eventsPerSecond: number) {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    this.publicKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    this.#privateKey = privateKey;
    this.#eventsPerPost = Math.ceil(eventsPerSecond / postsPerSecond);
  }

  /** How many events were accepted, repeated ones counted again. */
  get sent(): number {
    return this.posts.reduce((sum, { events }) => sum + events.length, 0);
  }

  /** Until it is aborted; a post that is on its way then is finished. */
  async run(url: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const events = this.#draw();
      const sentAt = performance.now();
      await this.#post(url, events);
      this.posts.push({ events, sentAt, acceptedAt: performance.now() });
      const restMs = Math.max(0, sentAt + 1_000 / postsPerSecond - performance.now());
      await pause(restMs, undefined, { signal }).catch(() => undefined);
    }
  }

  #draw(): readonly DemoEvent[] {
    const fresh = Array.from({ length: this.#eventsPerPost }, () => newEvent(this.#next++));
    const earlier = this.posts[Math.floor(Math.random() * this.posts.length)];
    if (earlier === undefined || Math.random() > repeatShare) return fresh;
    return [...fresh, ...earlier.events.slice(0, repeatsAtOnce)];
  }

  async #post(url: string, events: readonly DemoEvent[]): Promise<void> {
    const body = `[${events.map(({ json }) => json).join(',\r\n')}]\r\n`;
    for (;;) {
      const response = await fetch(url, { method: 'POST', body, headers: this.#headers(body) });
      // nothing of it was taken: SendGrid comes again, too
      if (response.status === 503) {
        await pause(1_000 * Number(response.headers.get('retry-after') ?? 1));
        continue;
      }
      if (response.status !== 200) throw new Error(`a post was answered ${response.status}`);
      const { accepted, rejected } = answerForm.parse(await response.json());
      if (rejected > 0) throw new Error(`${rejected} events were rejected`);
      this.accepted += accepted;
      return;
    }
  }

  #headers(body: string): Record<string, string> {
    const timestamp = String(Math.floor(Date.now() / 1_000));
    const signature = createSign('sha256').update(timestamp).update(body).sign(this.#privateKey, 'base64');
    return {
      'content-type': 'application/json',
      'user-agent': 'SendGrid Event API',
      'x-twilio-email-event-webhook-signature': signature,
      'x-twilio-email-event-webhook-timestamp': timestamp,
    };
  }
}
