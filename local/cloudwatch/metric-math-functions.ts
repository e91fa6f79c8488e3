/** The functions of metric math that are provided. */
import { itemsOf, type LabelledPoints, type MathContext, type MathValue, type Points, series } from './metric-math.ts';
import { ExpressionError } from './parse-expression.ts';

type Reduce = (values: readonly number[]) => number;
const REDUCERS: Readonly<Record<string, Reduce>> = {
  SUM: (values) => values.reduce((sum, value) => sum + value, 0),
  AVG: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  MIN: (values) => Math.min(...values),
  MAX: (values) => Math.max(...values),
};
const MAPPERS: Readonly<Record<string, (value: number) => number>> = { ABS: Math.abs, CEIL: Math.ceil, FLOOR: Math.floor };

/** @throws ExpressionError for a function that is not provided, by its name */
export function callFunction(name: string, parameters: readonly MathValue[], context: MathContext): MathValue {
  const [first, second, third] = parameters;
  if (name === 'METRICS') return metrics(first, context);
  const reduce = REDUCERS[name];
  const map = MAPPERS[name];
  const known = reduce !== undefined || map !== undefined || ['IF', 'FILL', 'DIFF', 'RATE', 'PERIOD'].includes(name);
  if (!known) throw new ExpressionError(`the function ${name} is not provided locally`);
  if (first === undefined) throw new ExpressionError(`${name} needs a parameter`);
  if (reduce !== undefined) return reduced(reduce, first, context);
  if (map !== undefined)
    return onEach(first, context, (points) => series([...points].map(([time, value]) => [time, map(value)] as const)).points);
  if (name === 'PERIOD') return { kind: 'number', value: context.periodMs / 1000 };
  if (name === 'DIFF') return onEach(first, context, (points) => differences(points, () => 1));
  if (name === 'RATE') return onEach(first, context, (points) => differences(points, (elapsedMs) => elapsedMs / 1000));
  if (second === undefined) throw new ExpressionError(`${name} needs a second parameter`);
  return name === 'FILL' ? onEach(first, context, (points) => fill(points, second, context)) : conditional(first, second, third, context);
}

function metrics(filter: MathValue | undefined, context: MathContext): MathValue {
  if (filter !== undefined && filter.kind !== 'text') throw new ExpressionError('METRICS takes a text');
  return { kind: 'list', items: context.metrics().filter((metric) => filter === undefined || metric.id.includes(filter.value)) };
}

/** One series becomes one number, a list becomes one series. */
function reduced(reduce: Reduce, value: MathValue, context: MathContext): MathValue {
  if (value.kind === 'number') return value;
  if (value.kind === 'series') {
    return value.points.size === 0 ? value : { kind: 'number', value: reduce([...value.points.values()]) };
  }
  const items = itemsOf(value, context);
  const times = [...new Set(items.flatMap((item) => [...item.points.keys()]))].sort((a, b) => a - b);
  return series(times.map((time) => [time, reduce(items.flatMap((item) => item.points.get(time) ?? []))] as const));
}

function onEach(value: MathValue, context: MathContext, change: (points: Points) => Points): MathValue {
  const items: LabelledPoints[] = itemsOf(value, context).map((item) => ({ ...item, points: change(item.points) }));
  const only = items[0];
  return value.kind === 'list' || only === undefined ? { kind: 'list', items } : { kind: 'series', points: only.points };
}

function differences(points: Points, divisor: (elapsedMs: number) => number): Points {
  const sorted = [...points].sort(([a], [b]) => a - b);
  return series(
    sorted.slice(1).map(([time, value], index) => {
      const [beforeTime, before] = sorted[index] ?? [time, value];
      return [time, (value - before) / divisor(time - beforeTime)] as const;
    }),
  ).points;
}

function fill(points: Points, way: MathValue, context: MathContext): Points {
  const sorted = [...points].sort(([a], [b]) => a - b);
  return series(
    context.timesMs.flatMap((time) => {
      const value = points.get(time) ?? filler(sorted, time, way, context);
      return value === undefined ? [] : [[time, value] as const];
    }),
  ).points;
}

function filler(sorted: readonly (readonly [number, number])[], time: number, way: MathValue, context: MathContext): number | undefined {
  if (way.kind !== 'text') return itemsOf(way, context)[0]?.points.get(time);
  const before = sorted.findLast(([at]) => at < time);
  if (way.value === 'REPEAT') return before?.[1];
  const after = sorted.find(([at]) => at > time);
  if (before === undefined || after === undefined) return undefined;
  return before[1] + ((after[1] - before[1]) * (time - before[0])) / (after[0] - before[0]);
}

/** Where the condition has no data, the result has none. */
function conditional(condition: MathValue, then: MathValue, otherwise: MathValue | undefined, context: MathContext): MathValue {
  if (condition.kind === 'number') return (condition.value !== 0 ? then : otherwise) ?? series([]);
  const [test] = itemsOf(condition, context);
  const [yes] = itemsOf(then, context);
  const [no] = otherwise === undefined ? [] : itemsOf(otherwise, context);
  return series(
    [...(test?.points ?? [])].flatMap(([time, value]) => {
      const chosen = (value !== 0 ? yes : no)?.points.get(time);
      return chosen === undefined ? [] : [[time, chosen] as const];
    }),
  );
}
