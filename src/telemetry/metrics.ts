/** Prometheus metrics. Labels are route patterns, methods and statuses: their number is bounded by the program. */
import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import { ForwardingMetrics } from './forwarding-metrics.ts';

export interface AnsweredRequest {
  readonly method: string;
  /** The route's pattern, or undefined where no route matched. */
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
}

export class Metrics {
  readonly forwarding: ForwardingMetrics;
  readonly #registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
    this.forwarding = new ForwardingMetrics(this.#registry);
    this.#requests = new Histogram({
      name: 'jackfield_http_request_duration_seconds',
      help: 'Time from the request head to the end of the answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers: [this.#registry],
    });
  }

  requestAnswered({ method, route, status, seconds }: AnsweredRequest): void {
    this.#requests.observe({ method, route: route ?? 'none', status }, seconds);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async expose(): Promise<string> {
    return await this.#registry.metrics();
  }
}
