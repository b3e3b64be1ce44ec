/** Pages of a list by cursor: forth by the server's word, back by what was seen. */
import { useEffect, useState } from 'react';
import { count } from '../words.ts';
import { Button } from './button.tsx';

export interface Paging {
  readonly cursor: string | undefined;
  readonly page: number;
  readonly next: (cursor: string) => void;
  readonly back: () => void;
  readonly first: () => void;
}

/** Begins again wherever `list` (filters and order in one text) is another one. */
export function usePaging(list: string): Paging {
  const [{ of, cursors }, setState] = useState<{ of: string; cursors: readonly string[] }>({
    of: list,
    cursors: [],
  });
  const seen = of === list ? cursors : [];
  return {
    cursor: seen.at(-1),
    page: seen.length,
    next: (cursor) => setState({ of: list, cursors: [...seen, cursor] }),
    back: () => setState({ of: list, cursors: seen.slice(0, -1) }),
    first: () => setState({ of: list, cursors: [] }),
  };
}

/** Back to the first page from one that has become empty. `shown` is undefined while it is being read. */
export function useFilledPage({ page, first }: Paging, shown: number | undefined): void {
  const isLost = page > 0 && shown === 0;
  useEffect(() => {
    if (isLost) first();
  });
}

interface PagerProps {
  readonly paging: Paging;
  readonly pagination: {
    readonly next_cursor: string | null;
    readonly page_size: number;
    readonly total_count?: number;
  };
  readonly shown: number;
  readonly what: string;
}

export function Pager({ paging, pagination, shown, what }: PagerProps) {
  const { next_cursor: next, page_size: size, total_count: total } = pagination;
  const first = paging.page * size + 1;
  const range = `${count(first)}–${count(first + shown - 1)}`;
  return (
    <nav
      aria-label={`Pages of ${what}`}
      className="flex flex-wrap items-center justify-between gap-3 border-t px-5 py-3"
    >
      <p role="status" className="text-sm text-muted">
        {total === undefined ? range : `${range} of ${count(total)}`} {what}
      </p>
      {(paging.page > 0 || next !== null) && (
        <div className="flex gap-2">
          <Button icon="back" isDisabled={paging.page === 0} onPress={paging.back}>
            Previous
          </Button>
          <Button isDisabled={next === null} onPress={() => next !== null && paging.next(next)}>
            Next
          </Button>
        </div>
      )}
    </nav>
  );
}
