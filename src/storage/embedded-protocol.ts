/** What the main thread and the embedded database's thread say to each other. */
export type EmbeddedRequest =
  | {
      readonly kind: 'query';
      readonly id: number;
      readonly sql: string;
      /** Undefined: a script of several statements without parameters. */
      readonly parameters: readonly unknown[] | undefined;
    }
  | { readonly kind: 'close'; readonly id: number };

export interface EmbeddedResult {
  readonly command: string;
  readonly rows: readonly unknown[];
  readonly rowCount: number;
}

export interface EmbeddedErrorFields {
  readonly message: string;
  readonly code: string | undefined;
  readonly constraint: string | undefined;
  readonly table: string | undefined;
}

export type EmbeddedReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly message: string }
  | ({ readonly kind: 'result'; readonly id: number } & EmbeddedResult)
  | { readonly kind: 'error'; readonly id: number; readonly error: EmbeddedErrorFields };
