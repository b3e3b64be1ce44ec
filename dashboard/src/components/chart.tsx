/** A chart of counts over time. Loaded only where there is one; beside it stands the same as a table. */
import 'uplot/dist/uPlot.min.css';
import { useEffect, useMemo, useRef, useState } from 'react';
import { ToggleButton } from 'react-aria-components';
import UPlot from 'uplot';
import { count, shortDay, shortTime, time } from '../words.ts';
import { Button } from './button.tsx';

export interface Series {
  readonly label: string;
  /** A token of styles.css. */
  readonly colour: string;
  /** Null where nothing is known. */
  readonly values: readonly (number | null)[];
  readonly dashed?: boolean;
  /** Where it would dwarf the others, until somebody asks for it. */
  readonly startsHidden?: boolean;
  /** What is told of it in one number: the sum where nothing else is said. */
  readonly sums?: 'last';
}

interface ChartProps {
  readonly label: string;
  /** When each step begins. */
  readonly times: readonly string[];
  readonly series: readonly Series[];
}

const height = 240;
/** A table of a thousand rows helps nobody: the newest are shown. */
const tableRows = 60;

export function Chart({ label, times, series }: ChartProps) {
  const holder = useRef<HTMLDivElement>(null);
  const [isTable, setTable] = useState(false);
  const [colours, setColours] = useState(0);
  useEffect(() => onColoursChange(() => setColours((before) => before + 1)), []);
  const [toggled, setToggled] = useState<ReadonlySet<string>>(new Set());
  const shown = useMemo(
    () => series.filter((each) => Boolean(each.startsHidden) === toggled.has(each.label)),
    [series, toggled],
  );
  useEffect(() => {
    const element = holder.current;
    if (element === null) return undefined;
    const plot = new UPlot(optionsFor(element, shown), dataOf(times, shown), element);
    const watcher = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      plot.destroy();
    };
    // drawn anew with other colours
  }, [times, shown, isTable, colours]);
  return (
    <figure className="grid grid-cols-[minmax(0,1fr)] gap-3 p-5" aria-label={label}>
      <figcaption className="flex flex-wrap items-center justify-between gap-3">
        <ul className="flex flex-wrap gap-x-2 gap-y-1 text-sm">
          {series.map((each) => (
            <li key={each.label}>
              <LegendEntry
                series={each}
                isShown={shown.includes(each)}
                onToggle={() => setToggled(toggled.symmetricDifference(new Set([each.label])))}
              />
            </li>
          ))}
        </ul>
        <Button kind="quiet" onPress={() => setTable(!isTable)}>
          {isTable ? 'Show as a chart' : 'Show as a table'}
        </Button>
      </figcaption>
      {isTable ? (
        <Figures label={label} times={times} series={series} />
      ) : (
        // no wider than the page, so that it shrinks with it
        <div ref={holder} aria-hidden="true" className="min-h-60 min-w-0" />
      )}
    </figure>
  );
}

/** A line with its name and number; pressed, it is drawn. */
function LegendEntry({
  series: { label, colour, dashed, values, sums },
  isShown,
  onToggle,
}: {
  readonly series: Series;
  readonly isShown: boolean;
  readonly onToggle: () => void;
}) {
  const figure = sums === 'last' ? values.findLast((value) => value !== null) : sum(values);
  return (
    <ToggleButton
      isSelected={isShown}
      onChange={onToggle}
      className="flex min-h-8 items-center gap-2 rounded-lg border border-transparent px-2 not-data-selected:text-muted not-data-selected:line-through data-hovered:bg-sunken"
    >
      <svg aria-hidden="true" width="18" height="4" className={isShown ? '' : 'opacity-40'}>
        <line
          x1="0"
          y1="2"
          x2="18"
          y2="2"
          stroke={`var(${colour})`}
          strokeWidth="3"
          strokeDasharray={dashed ? '4 3' : undefined}
        />
      </svg>
      <span>
        {label}: <strong className="tabular-nums">{figureOf(figure)}</strong>
      </span>
    </ToggleButton>
  );
}

function Figures({ label, times, series }: ChartProps) {
  const first = Math.max(0, times.length - tableRows);
  return (
    <div className="max-h-80 overflow-auto" tabIndex={0} role="region" aria-label={`${label}, as a table`}>
      <table className="w-full text-sm">
        <thead>
          <tr className="border-b text-start">
            <th scope="col" className="py-1.5 text-start font-medium">
              From
            </th>
            {series.map((each) => (
              <th key={each.label} scope="col" className="py-1.5 text-end font-medium">
                {each.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.slice(first).map((at, index) => (
            <tr key={at} className="border-b last:border-0">
              <th scope="row" className="py-1.5 text-start font-normal">
                {time(at)}
              </th>
              {series.map((each) => (
                <td key={each.label} className="py-1.5 text-end tabular-nums">
                  {figureOf(each.values[first + index])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function optionsFor(element: HTMLElement, series: readonly Series[]): UPlot.Options {
  const style = getComputedStyle(element);
  const colour = (token: string) => resolved(element, token);
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  return {
    width: element.clientWidth,
    height,
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(4, most * 1.1)] } },
    axes: [
      // no label touches the next one, on a phone neither
      { ...axis, space: 84, values: (_plot, ticks) => timesOf(ticks) },
      {
        ...axis,
        size: 56,
        values: (_plot, ticks) => ticks.map((each) => (Number.isInteger(each) ? count(each) : '')),
      },
    ],
    series: [
      {},
      ...series.map((each) => ({
        label: each.label,
        stroke: colour(each.colour),
        width: 2,
        // a line needs two
        points: { show: true, size: 5, filter: () => alone(each.values) },
        ...(each.dashed && { dash: [5, 4] }),
      })),
    ],
  };
}

/** In the words of the pages: hours, with the day below where one begins and at the first; or days alone. */
function timesOf(ticks: readonly number[]): string[] {
  const dates = ticks.map((tick) => new Date(tick * 1_000));
  const [first = 0, second = 0] = ticks;
  if (second - first >= 24 * 60 * 60) return dates.map(shortDay);
  return dates.map((date, index) => {
    const before = dates[index - 1];
    const isNewDay = before === undefined || shortDay(before) !== shortDay(date);
    return isNewDay ? `${shortTime(date)}\n${shortDay(date)}` : shortTime(date);
  });
}

/** A canvas knows no light-dark(): the browser works the token out on an element. */
function resolved(element: HTMLElement, token: string): string {
  const probe = document.createElement('span');
  probe.style.color = `var(${token})`;
  element.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}

function dataOf(times: readonly string[], series: readonly Series[]): UPlot.AlignedData {
  return [times.map((at) => Date.parse(at) / 1_000), ...series.map((each) => [...each.values])];
}

const unknown = 'not known';
const figureOf = (value: number | null | undefined) => (typeof value === 'number' ? count(value) : unknown);

/** Where nothing is known before and after. */
function alone(values: Series['values']): number[] {
  const isKnown = (index: number) => typeof values[index] === 'number';
  return [...values.keys()].filter((index) => isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1));
}

const sum = (values: readonly (number | null)[]) =>
  values.reduce<number>((total, each) => total + (each ?? 0), 0);

function onColoursChange(listener: () => void): () => void {
  const system = window.matchMedia('(prefers-color-scheme: dark)');
  system.addEventListener('change', listener);
  const chosen = new MutationObserver(listener);
  chosen.observe(document.documentElement, { attributeFilter: ['data-theme'] });
  return () => {
    system.removeEventListener('change', listener);
    chosen.disconnect();
  };
}
