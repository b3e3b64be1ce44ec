/** How long requests took, by kind. */
export class Latencies {
  readonly #ms = new Map<string, number[]>();

  note(kind: string, ms: number): void {
    const known = this.#ms.get(kind);
    if (known === undefined) this.#ms.set(kind, [ms]);
    else known.push(ms);
  }

  /** A line for each kind. */
  describe(): string {
    return [...this.#ms].map(([kind, all]) => describeKind(kind, all)).join('\n');
  }
}

function describeKind(kind: string, all: readonly number[]): string {
  const sorted = all.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)]?.toFixed(0);
  return `${kind}: ${all.length} requests, median ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`;
}
