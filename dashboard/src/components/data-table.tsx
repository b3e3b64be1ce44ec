/** Lists as tables: a real table for screen readers, blocks on narrow screens, with a choice of rows where asked. */
import {
  createColumnHelper,
  type RowSelectionState,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { type ReactNode, useMemo, useRef } from 'react';
import { Checkbox } from './field.tsx';
import { Icon } from './icon.tsx';

interface Meta {
  readonly label: string;
  readonly role: 'main' | 'actions' | 'number' | 'plain';
  readonly sort: Sortable | undefined;
}

const features = tableFeatures({ rowSelectionFeature, columnMeta: {} as Meta });

interface Sortable {
  /** What is asked of the server for this order, first and turned around. */
  readonly orders: readonly [string, string];
  readonly order: string;
  readonly onSort: (order: string) => void;
}

export interface Column<T> {
  readonly label: string;
  readonly cell: (row: T) => ReactNode;
  /** `main` names the row, `actions` needs no label, `number` stands at the end. */
  readonly role?: Meta['role'];
  readonly sort?: Sortable;
}

interface Choice<T> {
  readonly selected: RowSelectionState;
  readonly onChange: (selected: RowSelectionState) => void;
  readonly nameOf: (row: T) => string;
}

interface DataTableProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly columns: readonly Column<T>[];
  readonly idOf: (row: T) => string;
  readonly choice?: Choice<T> | undefined;
  readonly isStale?: boolean;
}

const nobody: RowSelectionState = {};

export function DataTable<T extends object>({
  label,
  rows,
  columns,
  idOf,
  choice,
  isStale,
}: DataTableProps<T>) {
  const lastToggled = useRef<number>(undefined);
  const definitions = useMemo(() => {
    const helper = createColumnHelper<typeof features, T>();
    return columns.map((column, index) =>
      helper.display({
        id: `${index}-${column.label}`,
        header: column.label,
        cell: ({ row }) => column.cell(row.original),
        meta: { label: column.label, role: column.role ?? 'plain', sort: column.sort },
      }),
    );
  }, [columns]);
  const table = useTable({
    features,
    columns: definitions,
    data: rows,
    getRowId: idOf,
    state: { rowSelection: choice?.selected ?? nobody },
    onRowSelectionChange: (update) => {
      if (choice) choice.onChange(typeof update === 'function' ? update(choice.selected) : update);
    },
  });
  const shown = table.getRowModel().rows;
  const chosenHere = choice ? shown.filter((row) => choice.selected[row.id]).length : 0;

  /** With shift everything between the last one and this one goes along. */
  const toggle = (index: number, isSelected: boolean, isRange: boolean) => {
    if (!choice) return;
    const from = isRange ? (lastToggled.current ?? index) : index;
    const ids = shown.slice(Math.min(from, index), Math.max(from, index) + 1).map((row) => row.id);
    choice.onChange(changed(choice.selected, ids, isSelected));
    lastToggled.current = index;
  };
  const shift = useRef(false);

  return (
    <div
      className={`overflow-x-auto transition-opacity ${isStale ? 'opacity-60' : ''}`}
      onPointerDownCapture={(event) => {
        shift.current = event.shiftKey;
      }}
      onKeyDownCapture={(event) => {
        shift.current = event.shiftKey;
      }}
    >
      <table className="stacked w-full border-collapse text-start" aria-label={label} aria-busy={isStale}>
        <thead>
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} className="border-b text-sm text-muted">
              {choice && (
                <th scope="col" className="w-10 py-2 ps-5 text-start">
                  <Checkbox
                    aria-label="Select all on this page"
                    isSelected={shown.length > 0 && chosenHere === shown.length}
                    isIndeterminate={chosenHere > 0 && chosenHere < shown.length}
                    onChange={(all) =>
                      choice.onChange(
                        changed(
                          choice.selected,
                          shown.map((row) => row.id),
                          all,
                        ),
                      )
                    }
                  />
                </th>
              )}
              {group.headers.map((header) => (
                <HeaderCell key={header.id} meta={header.column.columnDef.meta} />
              ))}
            </tr>
          ))}
        </thead>
        <tbody>
          {shown.map((row, index) => (
            <tr
              key={row.id}
              className="border-b last:border-b-0 hover:bg-canvas has-[[data-select]_[data-selected]]:bg-accent-soft"
            >
              {choice && (
                <td data-select className="w-10 py-2 ps-5 align-top">
                  <Checkbox
                    aria-label={`Select ${choice.nameOf(row.original)}`}
                    isSelected={choice.selected[row.id] === true}
                    onChange={(isSelected) => toggle(index, isSelected, shift.current)}
                  />
                </td>
              )}
              {row.getAllCells().map((cell) => {
                const meta = cell.column.columnDef.meta;
                return (
                  <td key={cell.id} className={cellLooks[meta?.role ?? 'plain']} {...cellMarks(meta)}>
                    <table.FlexRender cell={cell} />
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const cellLooks = {
  main: 'min-w-52 px-3 py-3 align-top first:ps-5 last:pe-5',
  actions: 'px-3 py-2 text-end align-top whitespace-nowrap last:pe-5',
  number: 'px-3 py-3 text-end align-top tabular-nums whitespace-nowrap last:pe-5',
  plain: 'px-3 py-3 align-top last:pe-5',
} as const;

function cellMarks(meta: Meta | undefined) {
  if (meta?.role === 'main') return { 'data-main': '' };
  if (meta?.role === 'actions') return { 'data-actions': '' };
  return { 'data-label': meta?.label };
}

function HeaderCell({ meta }: { readonly meta: Meta | undefined }) {
  if (meta === undefined) return null;
  const { label, role, sort } = meta;
  const place = role === 'number' || role === 'actions' ? 'text-end' : 'text-start';
  const look = `px-3 py-2.5 first:ps-5 last:pe-5 font-medium whitespace-nowrap ${place}`;
  if (sort === undefined) {
    return (
      <th scope="col" className={look}>
        {role === 'actions' ? <span className="sr-only">{label}</span> : label}
      </th>
    );
  }
  const [first, second] = sort.orders;
  const direction = sort.order === first ? 'first' : sort.order === second ? 'second' : undefined;
  const isDescending = (direction === 'first' ? first : second).startsWith('-');
  const said = direction && (isDescending ? 'descending' : 'ascending');
  return (
    <th scope="col" className={look} aria-sort={said}>
      <button
        type="button"
        className="-mx-2 inline-flex min-h-8 items-center gap-1 rounded px-2 font-medium hover:bg-sunken hover:text-text"
        onClick={() => sort.onSort(direction === 'first' ? second : first)}
      >
        {label}
        <span
          aria-hidden="true"
          className={`transition-transform ${direction ? 'text-accent' : 'opacity-40'} ${said === 'ascending' ? '-rotate-90' : 'rotate-90'}`}
        >
          <Icon name="forward" />
        </span>
      </button>
    </th>
  );
}

function changed(
  selected: RowSelectionState,
  ids: readonly string[],
  isSelected: boolean,
): RowSelectionState {
  const next = new Map(Object.entries(selected));
  for (const id of ids) {
    if (isSelected) next.set(id, true);
    else next.delete(id);
  }
  return Object.fromEntries(next);
}
