/**
 * ConditionExpression and KeyConditionExpression.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
import { type Attribute, areEqual, compare, type Item, listOf, setOf, textOf, typeOf } from './attribute.ts';
import { type Operand, parseOperand, readOperand } from './operand.ts';
import { type Substitutes, Tokens } from './tokens.ts';

const COMPARATORS = ['=', '<>', '<', '<=', '>', '>='] as const;
type Comparator = (typeof COMPARATORS)[number];

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly all: readonly Condition[] }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'exists'; readonly operand: Operand; readonly wanted: boolean }
  | { readonly kind: 'beginsWith' | 'contains'; readonly operand: Operand; readonly part: Operand }
  | { readonly kind: 'comparison'; readonly comparator: Comparator; readonly left: Operand; readonly right: Operand }
  | { readonly kind: 'between'; readonly operand: Operand; readonly least: Operand; readonly most: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly values: readonly Operand[] };

/** @throws AwsError ValidationException */
export function parseCondition(text: string, kind: string): Condition {
  const tokens = new Tokens(text, kind);
  const condition = parseOr(tokens);
  tokens.end();
  return condition;
}

function parseOr(tokens: Tokens): Condition {
  const all = [parseAnd(tokens)];
  while (tokens.take('OR')) all.push(parseAnd(tokens));
  return all.length === 1 ? (all[0] as Condition) : { kind: 'or', all };
}

function parseAnd(tokens: Tokens): Condition {
  const all = [parseNot(tokens)];
  while (tokens.take('AND')) all.push(parseNot(tokens));
  return all.length === 1 ? (all[0] as Condition) : { kind: 'and', all };
}

function parseNot(tokens: Tokens): Condition {
  if (tokens.take('NOT')) return { kind: 'not', condition: parseNot(tokens) };
  if (tokens.take('(')) {
    const inner = parseOr(tokens);
    tokens.expect(')');
    return inner;
  }
  return parsePredicate(tokens);
}

const operandOf = (tokens: Tokens): Operand => parseOperand(tokens, ['size']);

function parsePredicate(tokens: Tokens): Condition {
  const word = tokens.peek() ?? '';
  if (tokens.peek(1) === '(' && word !== 'size') return parseFunction(tokens);
  const operand = operandOf(tokens);
  if (tokens.take('BETWEEN')) {
    const least = operandOf(tokens);
    tokens.expect('AND');
    return { kind: 'between', operand, least, most: operandOf(tokens) };
  }
  if (tokens.take('IN')) {
    tokens.expect('(');
    const values = tokens.list(() => operandOf(tokens));
    tokens.expect(')');
    return { kind: 'in', operand, values };
  }
  const comparator = tokens.next() as Comparator;
  if (!COMPARATORS.includes(comparator)) tokens.refuse(comparator);
  return { kind: 'comparison', comparator, left: operand, right: operandOf(tokens) };
}

function parseFunction(tokens: Tokens): Condition {
  const name = tokens.next();
  tokens.expect('(');
  const operand: Operand = { kind: 'path', path: tokens.path() };
  let condition: Condition;
  if (name === 'attribute_exists' || name === 'attribute_not_exists') {
    condition = { kind: 'exists', operand, wanted: name === 'attribute_exists' };
  } else if (name === 'begins_with' || name === 'contains') {
    tokens.expect(',');
    condition = { kind: name === 'contains' ? 'contains' : 'beginsWith', operand, part: operandOf(tokens) };
  } else return tokens.refuse(name);
  tokens.expect(')');
  return condition;
}

export function holds(condition: Condition, item: Item, given: Substitutes): boolean {
  const read = (operand: Operand) => readOperand(operand, item, given);
  switch (condition.kind) {
    case 'and':
      return condition.all.every((one) => holds(one, item, given));
    case 'or':
      return condition.all.some((one) => holds(one, item, given));
    case 'not':
      return !holds(condition.condition, item, given);
    case 'exists':
      return (read(condition.operand) !== undefined) === condition.wanted;
    case 'comparison':
      return compares(condition.comparator, read(condition.left), read(condition.right));
    case 'between': {
      const value = read(condition.operand);
      return compares('>=', value, read(condition.least)) && compares('<=', value, read(condition.most));
    }
    case 'in': {
      const value = read(condition.operand);
      return condition.values.some((one) => compares('=', value, read(one)));
    }
    case 'beginsWith': {
      const [value, part] = [read(condition.operand), read(condition.part)];
      return isText(value) && isText(part) && textOf(value).startsWith(textOf(part));
    }
    case 'contains':
      return contains(read(condition.operand), read(condition.part));
  }
}

const isText = (attribute: Attribute | undefined): attribute is Attribute => attribute !== undefined && typeOf(attribute) === 'S';

/** An attribute that the item lacks differs from everything, and has no order. */
function compares(comparator: Comparator, left: Attribute | undefined, right: Attribute | undefined): boolean {
  if (left === undefined || right === undefined) return comparator === '<>';
  if (comparator === '=') return areEqual(left, right);
  if (comparator === '<>') return !areEqual(left, right);
  const order = compare(left, right);
  if (order === undefined) return false;
  if (comparator === '<') return order < 0;
  if (comparator === '<=') return order <= 0;
  return comparator === '>' ? order > 0 : order >= 0;
}

function contains(whole: Attribute | undefined, part: Attribute | undefined): boolean {
  if (whole === undefined || part === undefined) return false;
  switch (typeOf(whole)) {
    case 'S':
      return isText(part) && textOf(whole).includes(textOf(part));
    case 'SS':
      return isText(part) && setOf(whole).includes(textOf(part));
    case 'L':
      return listOf(whole).some((one) => areEqual(one, part));
    default:
      return false;
  }
}
