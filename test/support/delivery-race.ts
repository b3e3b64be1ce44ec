/** Overlapping requests that steer the delivery of integrations while events come in, and what must be true of it. */
import { expect } from 'vitest';
import { type ButterClient, butterCall } from './butter.ts';
import { postWebhook, webhookOf } from './forwarding.ts';
import type { SinkRequest } from './hostile-sink.ts';
import type { Answer } from './http.ts';
import type { Random } from './random.ts';

const filters = [['open'], ['click'], ['open', 'click', 'bounce'], ['bounce', 'spamreport']] as const;
const kinds = ['open', 'click', 'bounce', 'spamreport'] as const;
/** The test notices an arrival and an answer on one thread, in whatever order they come to it. */
const toleranceMs = 250;

interface Quiet {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

export interface Steered {
  readonly id: string;
  /** Its write keys are this, `#` and a number. */
  readonly name: string;
}

let named = 0;

export class DeliveryRace {
  readonly #clients: readonly ButterClient[];
  readonly #random: Random;
  readonly present: Steered[] = [];
  readonly removed: Steered[] = [];
  /** Ids of events that can be sent. */
  readonly posted: string[] = [];
  /** When nothing may have begun. */
  readonly #quiet: Quiet[] = [];
  readonly answers = new Map<string, number>();

  constructor(clients: readonly ButterClient[], random: Random) {
    this.#clients = clients;
    this.#random = random;
  }

  async create(): Promise<Steered> {
    const name = `steered ${++named}`;
    const { json } = await this.#call('POST', '', {
      name,
      credentials: { provider: 'segment', write_key: `${name}#0`, destination_region: 'US' },
      filters: { email_events: this.#random.pick(filters) },
    });
    const made = { id: String(json.data.integration_id), name };
    this.present.push(made);
    return made;
  }

  /** Anything that anybody may do at any time. */
  async step(): Promise<void> {
    const { id, name } = this.#random.pick(this.present);
    const choice = this.#random.below(10);
    if (choice < 4) return await this.#post();
    if (choice < 6) {
      const from = new Date(Date.now() - this.#random.below(3_000)).toISOString();
      await this.#call('POST', `/${id}/replay`, { from });
    } else if (choice === 6) {
      await this.#call('PUT', `/${id}`, { filters: { email_events: this.#random.pick(filters) } });
    } else if (choice === 7) {
      const credentials = { provider: 'segment', write_key: `${name}#${++named}`, destination_region: 'US' };
      await this.#call('PUT', `/${id}`, { credentials });
    } else if (choice === 8) await this.#call('POST', `/${id}/dead-letters/retry`);
    else await this.#call('GET', `/${id}/delivery`);
  }

  /** What one client alone does with one integration; a pause and a resume by two would say nothing about time. */
  async steer(steered: Steered): Promise<void> {
    const { id, name } = steered;
    await this.#call('POST', `/${id}/pause`);
    const from = performance.now() + toleranceMs;
    for (let step = 0; step < 3; step++) await this.step();
    const to = performance.now();
    this.#quiet.push({ name, from, to });
    await this.#call('POST', `/${id}/resume`);
  }

  async remove(steered: Steered): Promise<void> {
    await this.#call('DELETE', `/${steered.id}`);
    this.#quiet.push({ name: steered.name, from: performance.now() + toleranceMs, to: Infinity });
    this.present.splice(this.present.indexOf(steered), 1);
    this.removed.push(steered);
  }

  async pause({ id }: Steered): Promise<void> {
    await this.#call('POST', `/${id}/pause`);
  }

  async resume({ id }: Steered): Promise<void> {
    await this.#call('POST', `/${id}/resume`);
  }

  /** Requests that began when none could. */
  outOfTime(requests: readonly SinkRequest[]): readonly SinkRequest[] {
    return requests.filter(({ writeKey, beganAt }) =>
      this.#quiet.some(
        ({ name, from, to }) => writeKey.split('#')[0] === name && beganAt > from && beganAt < to,
      ),
    );
  }

  async #post(): Promise<void> {
    const post = `raced-${++named}`;
    const ids = kinds.map((kind) => `${post}-${kind}`);
    const events = kinds.flatMap((kind) => webhookOf([`${post}-${kind}`], kind));
    // one without a recipient cannot be sent, and becomes a dead letter
    const [dead] = webhookOf([`${post}-unusable`]);
    await postWebhook(this.#random.pick(this.#clients), [...events, { ...dead, email: '' }]);
    this.posted.push(...ids);
  }

  async #call(method: string, path: string, json?: unknown): Promise<Answer> {
    const client = this.#random.pick(this.#clients);
    const answer = await butterCall(client, method, `/api/integrations${path}`, json ? { json } : {});
    const what = `${method} ${path.split('/').slice(2).join('/')} ${answer.status}`;
    this.answers.set(what, (this.answers.get(what) ?? 0) + 1);
    expect([200, 201, 202, 404], `${what}: ${answer.text}`).toContain(answer.status);
    return answer;
  }
}
