/** The metrics of a widget, each in full. Pure. */
import type { MetricRow, RowOptions, WidgetProperties } from './body.ts';

/** One row of a widget: a metric, or an expression over others. */
export interface Line {
  readonly id: string;
  readonly metric?: {
    readonly namespace: string;
    readonly name: string;
    readonly dimensions: readonly (readonly [name: string, value: string])[];
  };
  readonly expression?: string;
  readonly stat: string;
  readonly periodSeconds: number;
  readonly label?: string;
  readonly color?: string;
  readonly axis: 'left' | 'right';
  /** False of one that only others are calculated from. */
  readonly visible: boolean;
}

/** CloudWatch's own, where neither the row nor the widget names one. */
const DEFAULTS = { stat: 'Average', periodSeconds: 300 } as const;

/**
 * Every row of a widget with what `.` (the same part of the row before) and `...` (all of it but the last parts) stand for,
 * and with the defaults of the widget. A row without an id gets one that no other has.
 */
export function expandRows({ metrics = [], stat = DEFAULTS.stat, period = DEFAULTS.periodSeconds }: WidgetProperties): Line[] {
  const taken = new Set(metrics.map((row) => optionsOf(row).id));
  let before: readonly string[] = [];
  return metrics.map((row, index) => {
    const options = optionsOf(row);
    const common = {
      id: options.id ?? freeId(index, taken),
      stat: options.stat ?? stat,
      periodSeconds: options.period ?? period,
      axis: options.yAxis ?? 'left',
      visible: options.visible ?? true,
      ...(options.label !== undefined && { label: options.label }),
      ...(options.color !== undefined && { color: options.color }),
    };
    if (options.expression !== undefined) return { ...common, expression: options.expression };
    before = fullNames(row, before);
    const [namespace = '', name = '', ...pairs] = before;
    const dimensions = pairs.flatMap((pair, at) => (at % 2 === 0 ? [[pair, pairs[at + 1] ?? ''] as const] : []));
    return { ...common, metric: { namespace, name, dimensions } };
  });
}

function optionsOf(row: MetricRow): RowOptions {
  const last = row.at(-1);
  return typeof last === 'object' ? last : {};
}

function fullNames(row: MetricRow, before: readonly string[]): string[] {
  const words = row.filter((part) => typeof part === 'string');
  const [first, ...rest] = words;
  const kept = first === '...' ? before.slice(0, Math.max(0, before.length - rest.length)) : [];
  const named = first === '...' ? rest : words;
  return [...kept, ...named.map((word, at) => (word === '.' ? (before[kept.length + at] ?? '') : word))];
}

function freeId(index: number, taken: ReadonlySet<string | undefined>): string {
  let id = `row${index}`;
  while (taken.has(id)) id = `${id}x`;
  return id;
}
