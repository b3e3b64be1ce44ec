/** The keys of one kind: as they are loaded, where they could not be, where there are none, and as a table. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { type Column, DataTable } from '../components/data-table.tsx';
import { Empty, FailureNotice, Loading } from '../components/notice.tsx';

interface KeyListProps<T> {
  readonly label: string;
  readonly keys: UseQueryResult<readonly T[]>;
  readonly columns: readonly Column<T>[];
  readonly idOf: (key: T) => string;
  /** What such keys are for, where there are none yet. */
  readonly children: ReactNode;
}

export function KeyList<T extends object>({ label, keys, columns, idOf, children }: KeyListProps<T>) {
  if (keys.isPending) return <Loading what="keys" />;
  if (keys.isError) {
    return (
      <div className="p-5">
        <FailureNotice error={keys.error} what="The keys could not be loaded" onRetry={keys.refetch} />
      </div>
    );
  }
  if (keys.data.length === 0) return <Empty title="No keys">{children}</Empty>;
  return <DataTable label={label} rows={keys.data} columns={columns} idOf={idOf} />;
}

/** In place of a time. */
export function Never() {
  return <span className="text-muted">Never</span>;
}
