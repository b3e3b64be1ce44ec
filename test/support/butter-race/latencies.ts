/** How long requests took, by kind. */
export class Latencies {
  readonly #ms = new Map<string, number[]>();

  note(kind: string, ms: number): void {
    const known = this.#ms.get(kind);
    if (known === undefined) this.#ms.set(kind, [ms]);
    else known.push(ms);
  }

  /** In milliseconds, over all kinds or over one. */
  percentile(share: number, kind?: string): number {
    const all = kind === undefined ? [...this.#ms.values()].flat() : (this.#ms.get(kind) ?? []);
    return all.toSorted((a, b) => a - b)[Math.min(all.length - 1, Math.floor(all.length * share))] ?? 0;
  }

  /** A line for each kind. */
  describe(): string {
    const line = (kind: string, count: number) => {
      const [half, most, longest] = [0.5, 0.99, 1].map((share) => this.percentile(share, kind).toFixed(0));
      return `${kind.padEnd(24)} ${count} requests, median ${half} ms, p99 ${most} ms, longest ${longest} ms`;
    };
    return [...this.#ms].map(([kind, { length }]) => line(kind, length)).join('\n');
  }
}
