/**
 * Evaluates metric math over time series. Two series meet where both have data; SUM, AVG, MIN and MAX of a list take at
 * each time what is there. What is not a finite number is no data point.
 */

import { callFunction } from './metric-math-functions.ts';
import { type Expression, ExpressionError, type Operator } from './parse-expression.ts';

/** Values by the start of their period, in milliseconds since the epoch. */
export type Points = ReadonlyMap<number, number>;
export interface LabelledPoints {
  readonly label: string;
  readonly points: Points;
}
export type MathValue =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'series'; readonly points: Points }
  | { readonly kind: 'list'; readonly items: readonly LabelledPoints[] };

export interface MathContext {
  /** Value of another query, by its id. */
  resolve(id: string): MathValue | undefined;
  /** The queries that name metrics, for METRICS(). */
  metrics(): readonly (LabelledPoints & { readonly id: string })[];
  /** Start of every period in the range, ascending. */
  readonly timesMs: readonly number[];
  readonly periodMs: number;
}

/** @throws ExpressionError */
export function evaluate(tree: Expression, context: MathContext): MathValue {
  switch (tree.kind) {
    case 'number':
      return tree;
    case 'text':
      return tree;
    case 'name': {
      const value = context.resolve(tree.name);
      if (value !== undefined) return value;
      // FILL(m1, REPEAT) and FILL(m1, LINEAR) name a way, not a query.
      if (tree.name === 'REPEAT' || tree.name === 'LINEAR') return { kind: 'text', value: tree.name };
      throw new ExpressionError(`there is no query with the id '${tree.name}'`);
    }
    case 'list':
      return { kind: 'list', items: tree.items.flatMap((item) => itemsOf(evaluate(item, context), context)) };
    case 'negate':
      return combine('*', { kind: 'number', value: -1 }, evaluate(tree.operand, context));
    case 'operation':
      return combine(tree.operator, evaluate(tree.left, context), evaluate(tree.right, context));
    case 'call':
      return callFunction(
        tree.name,
        tree.parameters.map((parameter) => evaluate(parameter, context)),
        context,
      );
  }
}

export function series(entries: Iterable<readonly [number, number]>): { kind: 'series'; points: Points } {
  return { kind: 'series', points: new Map([...entries].filter(([, value]) => Number.isFinite(value))) };
}

/** A number stands for itself at every time. */
export function itemsOf(value: MathValue, context: MathContext): LabelledPoints[] {
  switch (value.kind) {
    case 'list':
      return [...value.items];
    case 'series':
      return [{ label: '', points: value.points }];
    case 'number':
      return [{ label: '', points: series(context.timesMs.map((time) => [time, value.value] as const)).points }];
    case 'text':
      throw new ExpressionError(`the text '${value.value}' is not a time series`);
  }
}

const OPERATIONS: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  AND: (a, b) => Number(a !== 0 && b !== 0),
  OR: (a, b) => Number(a !== 0 || b !== 0),
};

function combine(operator: Operator, left: MathValue, right: MathValue): MathValue {
  const apply = OPERATIONS[operator];
  if (left.kind === 'text' || right.kind === 'text') throw new ExpressionError(`'${operator}' does not take text`);
  if (left.kind === 'list' && right.kind === 'list') throw new ExpressionError(`'${operator}' does not take two lists`);
  if (left.kind === 'list') {
    return {
      kind: 'list',
      items: left.items.map((item) => ({ ...item, points: pointsOf(combine(operator, { kind: 'series', points: item.points }, right)) })),
    };
  }
  if (right.kind === 'list') {
    return {
      kind: 'list',
      items: right.items.map((item) => ({ ...item, points: pointsOf(combine(operator, left, { kind: 'series', points: item.points })) })),
    };
  }
  if (left.kind === 'number' && right.kind === 'number') return { kind: 'number', value: apply(left.value, right.value) };
  if (left.kind === 'number') return series([...pointsOf(right)].map(([time, value]) => [time, apply(left.value, value)] as const));
  if (right.kind === 'number') return series([...left.points].map(([time, value]) => [time, apply(value, right.value)] as const));
  const meeting = [...left.points].flatMap(([time, value]) => {
    const other = right.points.get(time);
    return other === undefined ? [] : [[time, apply(value, other)] as const];
  });
  return series(meeting);
}

function pointsOf(value: MathValue): Points {
  return value.kind === 'series' ? value.points : new Map();
}
