/** What the main process can tell the others to do. */

export interface SinkReport {
  readonly events: number;
  readonly requests: number;
  /** When the last request was there as a whole. */
  readonly lastAtMs: number;
  /** Of each request, in order. */
  readonly firstBytesAtMs: readonly number[];
  /** Events by the credentials of their requests. */
  readonly byKey: ReadonlyMap<string, number>;
}

// interfaces have no index signature, and an order map needs one
export type SinkOrders = {
  readonly listen: { readonly input: undefined; readonly output: string };
  readonly reset: { readonly input: undefined; readonly output: void };
  readonly read: { readonly input: undefined; readonly output: SinkReport };
  /** Requests with these write keys get no answer from now on. */
  readonly hang: { readonly input: readonly string[]; readonly output: void };
  /** Waits until so many events came since the reset, or until the time is over. */
  readonly reach: {
    readonly input: { readonly events: number; readonly withinMs: number };
    readonly output: SinkReport;
  };
};

/** Where events are posted. */
export interface Target {
  readonly url: string;
  /** PEM of the key that its posts are signed with. */
  readonly privateKey: string;
}

export interface OpenLoop {
  readonly targets: readonly Target[];
  readonly eventsPerPost: number;
  readonly eventsPerSecond: number;
  readonly seconds: number;
}

export interface ClosedLoop {
  readonly targets: readonly Target[];
  readonly eventsPerPost: number;
  readonly posts: number;
  readonly inFlight: number;
}

export interface PostReport {
  readonly startedAtMs: number;
  /** When the last post was due. */
  readonly lastDueAtMs: number;
  readonly answeredAtMs: number;
  /** Events of posts that were answered 2xx. */
  readonly accepted: number;
  readonly refusedPosts: number;
}

export interface SinglePosts {
  readonly target: Target;
  readonly posts: number;
  readonly pauseMs: number;
}

export interface SinglePost {
  readonly begunAtMs: number;
  /** When its 2xx was there: from then on the event counts as accepted. */
  readonly acceptedAtMs: number;
}

export type GeneratorOrders = {
  readonly open: { readonly input: OpenLoop; readonly output: PostReport };
  readonly closed: { readonly input: ClosedLoop; readonly output: PostReport };
  /** One event a post, each when the process under measure is idle. */
  readonly single: { readonly input: SinglePosts; readonly output: readonly SinglePost[] };
};
