/** Pages of a list, newest first. A cursor names the last row seen, so pages stay right under inserts and deletes. */

export interface PageRequest {
  readonly limit: number;
  readonly after: Position | undefined;
}

export interface Position {
  readonly createdAt: Date;
  readonly id: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Undefined on the last page. */
  readonly next: Position | undefined;
  /** Of the whole filter, not of the page. */
  readonly total: number;
}

/** Rows must be asked for with one more than the limit: that one says whether there is a further page. */
export function cutPage<T>(
  rows: readonly T[],
  limit: number,
  total: number,
  positionOf: (row: T) => Position,
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, total, next: rows.length > limit && last !== undefined ? positionOf(last) : undefined };
}
