/** Pages on the wire: `limit` and an opaque `cursor` in, `pagination` out (contract: butter, section 1). */
import { z } from 'zod';
import { AppError } from '../../core/errors.ts';
import type { Page, PageRequest } from '../../core/page.ts';
import { wholeNumber } from '../query.ts';

const size = { default: 50, most: 100 } as const;

/** The query parameters of every list. */
export const pageQuery = z.object({
  limit: wholeNumber(9).pipe(z.number().min(1).max(size.most)).default(size.default),
  cursor: z.string().optional(),
});

/** The last day of the years that the database and the wire form agree on. In ms since 1970. */
export const lastMoment = Date.UTC(9999, 11, 31);

const position = z.tuple([
  z.number().int().min(0).max(lastMoment),
  z.string().regex(/^[a-z]{1,8}_[0-9a-f]{12,32}$/),
]);

/** @throws AppError invalid_cursor */
export function toPageRequest({ limit, cursor }: z.output<typeof pageQuery>, idPrefix: string): PageRequest {
  if (cursor === undefined) return { limit, after: undefined };
  const [ms, id] = decodeCursor(cursor, position);
  // ids tell their kind, so a cursor of another list is known by its id
  if (!id.startsWith(`${idPrefix}_`)) throw new AppError({ code: 'invalid_cursor' });
  return { limit, after: { createdAt: new Date(ms), id } };
}

/** A list as it goes out. */
export function toList<T>(
  page: Page<T>,
  limit: number,
  toWire: (item: T) => unknown,
): { readonly success: true; readonly data: readonly unknown[]; readonly pagination: unknown } {
  const cursor = page.next && encodeCursor([page.next.createdAt.getTime(), page.next.id]);
  return { success: true, data: page.items.map(toWire), pagination: pagination(cursor, limit, page.total) };
}

export function pagination(nextCursor: string | undefined, pageSize: number, totalCount: number) {
  return {
    next_cursor: nextCursor ?? null,
    has_more: nextCursor !== undefined,
    page_size: pageSize,
    total_count: totalCount,
  };
}

export function encodeCursor(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** @throws AppError invalid_cursor */
export function decodeCursor<T extends z.ZodType>(cursor: string, form: T): z.output<T> {
  try {
    return form.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (error) {
    throw new AppError({ code: 'invalid_cursor' }, { cause: error });
  }
}
