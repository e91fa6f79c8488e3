/** Parses metric math into a tree. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html */

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'negate'; readonly operand: Expression }
  | { readonly kind: 'operation'; readonly operator: Operator; readonly left: Expression; readonly right: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly parameters: readonly Expression[] };

export type Operator = '+' | '-' | '*' | '/' | '^' | '<' | '>' | '<=' | '>=' | '==' | '!=' | 'AND' | 'OR';

/** The expression is not metric math; the message says where. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
}

const TOKEN =
  /\s*(?:(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|("[^"]*"|'[^']*')|([A-Za-z_][A-Za-z0-9_]*)|(<=|>=|==|!=|&&|\|\||[-+*/^<>()[\],]))/y;

/** Loosest binding first. */
const LEVELS: readonly (readonly Operator[])[] = [['OR'], ['AND'], ['==', '!=', '<', '>', '<=', '>='], ['+', '-'], ['*', '/'], ['^']];
const SPELLINGS: Readonly<Record<string, Operator>> = { '&&': 'AND', '||': 'OR' };

type Token = { readonly kind: 'number' | 'text' | 'name' | 'symbol'; readonly value: string };

/** @throws ExpressionError */
export function parseExpression(source: string): Expression {
  const tokens = tokenize(source);
  let at = 0;

  const peek = (): Token | undefined => tokens[at];
  const expect = (symbol: string): void => {
    if (peek()?.value !== symbol)
      throw new ExpressionError(`'${symbol}' was expected${peek() ? `, not '${peek()?.value}'` : ' at the end'}`);
    at += 1;
  };

  const level = (depth: number): Expression => {
    const operators = LEVELS[depth];
    if (operators === undefined) return unary();
    let left = level(depth + 1);
    for (let operator = operatorAt(operators); operator !== undefined; operator = operatorAt(operators)) {
      at += 1;
      left = { kind: 'operation', operator, left, right: level(depth + 1) };
    }
    return left;
  };
  const operatorAt = (operators: readonly Operator[]): Operator | undefined => {
    const token = peek();
    if (token === undefined || token.kind === 'text' || token.kind === 'number') return undefined;
    const spelled = SPELLINGS[token.value] ?? token.value;
    return operators.find((operator) => operator === spelled);
  };
  const unary = (): Expression => {
    if (peek()?.value === '-') {
      at += 1;
      return { kind: 'negate', operand: unary() };
    }
    return primary();
  };
  const parameters = (close: string): Expression[] => {
    const items: Expression[] = [];
    while (peek()?.value !== close) {
      items.push(level(0));
      if (peek()?.value !== ',') break;
      at += 1;
    }
    expect(close);
    return items;
  };
  const primary = (): Expression => {
    const token = peek();
    if (token === undefined) throw new ExpressionError('the expression ends too early');
    at += 1;
    if (token.kind === 'number') return { kind: 'number', value: Number(token.value) };
    if (token.kind === 'text') return { kind: 'text', value: token.value.slice(1, -1) };
    if (token.value === '(') {
      const inner = level(0);
      expect(')');
      return inner;
    }
    if (token.value === '[') return { kind: 'list', items: parameters(']') };
    if (token.kind !== 'name') throw new ExpressionError(`'${token.value}' was not expected`);
    if (peek()?.value !== '(') return { kind: 'name', name: token.value };
    at += 1;
    return { kind: 'call', name: token.value.toUpperCase(), parameters: parameters(')') };
  };

  const tree = level(0);
  const rest = peek();
  if (rest !== undefined) throw new ExpressionError(`'${rest.value}' was not expected`);
  return tree;
}

function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const scanner = new RegExp(TOKEN);
  const end = source.trimEnd().length;
  while (scanner.lastIndex < end) {
    const from = scanner.lastIndex;
    const match = scanner.exec(source);
    if (match === null) throw new ExpressionError(`'${source.slice(from).trim()}' cannot be read`);
    const kind = match[1] !== undefined ? 'number' : match[2] !== undefined ? 'text' : match[3] !== undefined ? 'name' : 'symbol';
    tokens.push({ kind, value: match[1] ?? match[2] ?? match[3] ?? match[4] ?? '' });
  }
  return tokens;
}
