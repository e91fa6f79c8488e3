/**
 * Metric math: numbers, ids of other queries, + - * /, comparisons, AND, OR, parentheses, FILL(id, number), IF(condition, value, value) and
 * DIFF(series). Of two time series, the one without a value counts as 0. A value that is not finite is not a data point. A condition is 1 or 0.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */

/** Values by the start of their period, in milliseconds since the epoch. */
export type Points = ReadonlyMap<number, number>;
export type MathValue = number | Points;

export interface MathContext {
  /** Value of another query, by its id. */
  resolve(id: string): MathValue | undefined;
  /** Start of every period in the range, ascending. */
  readonly timesMs: readonly number[];
}

/** The expression is not valid metric math, or uses a part of it that the local cloud does not emulate. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|(<=|>=|==|!=|&&|\|\||[-+*/(),<>]))/y;

type Token = { readonly kind: 'number' | 'name' | 'symbol'; readonly text: string };
type Operator = '||' | '&&' | '<' | '<=' | '>' | '>=' | '==' | '!=' | '+' | '-' | '*' | '/';

/** Loosest binding first. */
const LEVELS: readonly (readonly Operator[])[] = [['||'], ['&&'], ['<', '<=', '>', '>=', '==', '!='], ['+', '-'], ['*', '/']];
/** As words they are operators too. */
const WORDS: Readonly<Record<string, Operator>> = { AND: '&&', OR: '||' };
const OPERATIONS: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  '||': (a, b) => Number(a !== 0 || b !== 0),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  '<': (a, b) => Number(a < b),
  '<=': (a, b) => Number(a <= b),
  '>': (a, b) => Number(a > b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
};

/** @throws ExpressionError */
export function evaluate(source: string, context: MathContext): MathValue {
  const tokens = tokenize(source);
  let at = 0;

  const peek = (): Token | undefined => tokens[at];
  const expect = (symbol: string): void => {
    const token = peek();
    if (token?.text !== symbol) throw new ExpressionError(`'${symbol}' was expected${token ? `, not '${token.text}'` : ' at the end'}`);
    at += 1;
  };
  const level = (depth: number): MathValue => {
    const operators = LEVELS[depth];
    if (operators === undefined) return unary();
    let left = level(depth + 1);
    for (;;) {
      const operator = operators.find((candidate) => candidate === peek()?.text);
      if (operator === undefined) return left;
      at += 1;
      left = combine(OPERATIONS[operator], left, level(depth + 1));
    }
  };
  const unary = (): MathValue => {
    if (peek()?.text !== '-') return primary();
    at += 1;
    return combine(OPERATIONS['*'], -1, unary());
  };
  const primary = (): MathValue => {
    const token = peek();
    if (token === undefined) throw new ExpressionError('the expression ends too early');
    at += 1;
    if (token.kind === 'number') return Number(token.text);
    if (token.text === '(') {
      const inner = level(0);
      expect(')');
      return inner;
    }
    if (token.kind !== 'name') throw new ExpressionError(`'${token.text}' was not expected`);
    if (peek()?.text === '(') return call(token.text.toUpperCase());
    const value = context.resolve(token.text);
    if (value === undefined) throw new ExpressionError(`there is no query with the id '${token.text}'`);
    return value;
  };
  const argumentsOf = (count: number): MathValue[] =>
    Array.from({ length: count }, (_, index) => {
      expect(index === 0 ? '(' : ',');
      const value = level(0);
      if (index === count - 1) expect(')');
      return value;
    });
  const call = (name: string): MathValue => {
    if (name === 'IF') {
      const [condition = 0, then = 0, otherwise = 0] = argumentsOf(3);
      return choose(condition, then, otherwise);
    }
    if (name === 'DIFF') return differences(argumentsOf(1)[0] ?? 0);
    if (name !== 'FILL') throw new ExpressionError(`the function ${name} is not emulated locally`);
    const [value = 0, filler = 0] = argumentsOf(2);
    if (typeof value === 'number' || typeof filler !== 'number') throw new ExpressionError('FILL takes a time series and a number');
    return new Map(context.timesMs.map((time) => [time, value.get(time) ?? filler]));
  };

  const value = level(0);
  const rest = peek();
  if (rest !== undefined) throw new ExpressionError(`'${rest.text}' was not expected`);
  return value;
}

function combine(apply: (a: number, b: number) => number, left: MathValue, right: MathValue): MathValue {
  if (typeof left === 'number' && typeof right === 'number') return apply(left, right);
  const timesOf = (value: MathValue) => (typeof value === 'number' ? [] : [...value.keys()]);
  const times = [...new Set([...timesOf(left), ...timesOf(right)])].sort((a, b) => a - b);
  const points = new Map<number, number>();
  for (const time of times) {
    const a = typeof left === 'number' ? left : (left.get(time) ?? 0);
    const b = typeof right === 'number' ? right : (right.get(time) ?? 0);
    const value = apply(a, b);
    if (Number.isFinite(value)) points.set(time, value);
  }
  return points;
}

/** Each time's own value where the condition is a time series: 0 where it holds and there is none, and no data point where it does not hold. */
function choose(condition: MathValue, then: MathValue, otherwise: MathValue): MathValue {
  if (typeof condition === 'number') return condition === 0 ? otherwise : then;
  const points = new Map<number, number>();
  for (const [time, holds] of condition) {
    const chosen = holds === 0 ? otherwise : then;
    const value = typeof chosen === 'number' ? chosen : (chosen.get(time) ?? (holds === 0 ? undefined : 0));
    if (value !== undefined) points.set(time, value);
  }
  return points;
}

/** From each value to the next one. */
function differences(value: MathValue): MathValue {
  if (typeof value === 'number') throw new ExpressionError('DIFF takes a time series');
  const points = [...value].sort(([a], [b]) => a - b);
  return new Map(points.slice(1).map(([time, one], index) => [time, one - (points[index]?.[1] ?? 0)]));
}

/** An alarm's expression is evaluated each minute. */
const known = new Map<string, readonly Token[]>();
const MOST_KNOWN = 500;

function tokenize(source: string): readonly Token[] {
  const before = known.get(source);
  if (before) return before;
  const tokens: Token[] = [];
  const scanner = new RegExp(TOKEN);
  const end = source.trimEnd().length;
  while (scanner.lastIndex < end) {
    const from = scanner.lastIndex;
    const match = scanner.exec(source);
    if (match === null) throw new ExpressionError(`'${source.slice(from).trim()}' cannot be read`);
    const [, number, name, symbol = ''] = match;
    const word = name === undefined ? undefined : WORDS[name.toUpperCase()];
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (name !== undefined && word === undefined) tokens.push({ kind: 'name', text: name });
    else tokens.push({ kind: 'symbol', text: word ?? symbol });
  }
  if (known.size > MOST_KNOWN) known.clear();
  known.set(source, tokens);
  return tokens;
}
