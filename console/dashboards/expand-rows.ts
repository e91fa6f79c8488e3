/** Expands the rows of a widget's metrics. Pure. */
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
  /** False when it is only an input of expressions. */
  readonly visible: boolean;
}

/** CloudWatch's defaults. */
const DEFAULTS = { stat: 'Average', periodSeconds: 300 } as const;

/**
 * Replaces `.` (the same part of the previous row) and `...` (all of the previous row but its last parts), and applies the
 * widget's defaults. A row without an id gets a unique one.
 */
export function expandRows({ metrics = [], stat = DEFAULTS.stat, period = DEFAULTS.periodSeconds }: WidgetProperties): Line[] {
  const taken = new Set(metrics.map((row) => optionsOf(row).id));
  let previous: readonly string[] = [];
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
    previous = fullNames(row, previous);
    const [namespace = '', name = '', ...pairs] = previous;
    const dimensions = pairs.flatMap((pair, at) => (at % 2 === 0 ? [[pair, pairs[at + 1] ?? ''] as const] : []));
    return { ...common, metric: { namespace, name, dimensions } };
  });
}

function optionsOf(row: MetricRow): RowOptions {
  const last = row.at(-1);
  return typeof last === 'object' ? last : {};
}

function fullNames(row: MetricRow, previous: readonly string[]): string[] {
  const words = row.filter((part) => typeof part === 'string');
  const [first, ...rest] = words;
  const kept = first === '...' ? previous.slice(0, Math.max(0, previous.length - rest.length)) : [];
  const named = first === '...' ? rest : words;
  return [...kept, ...named.map((word, at) => (word === '.' ? (previous[kept.length + at] ?? '') : word))];
}

function freeId(index: number, taken: ReadonlySet<string | undefined>): string {
  let id = `row${index}`;
  while (taken.has(id)) id = `${id}x`;
  return id;
}
