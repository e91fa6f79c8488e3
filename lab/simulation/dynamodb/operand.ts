import { type Attribute, type Item, invalid, listOf, mapOf, numberOf, setOf, textOf, typeOf } from './attribute.ts';
import { type DocumentPath, resolvePath, resolveValue, type Substitutes, type Tokens } from './tokens.ts';

/** What is compared or assigned: an attribute of the item, a given value, or a function of them. */
export type Operand =
  | { readonly kind: 'path'; readonly path: DocumentPath }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'size'; readonly path: DocumentPath }
  | { readonly kind: 'ifNotExists'; readonly path: DocumentPath; readonly otherwise: Operand }
  | { readonly kind: 'listAppend'; readonly first: Operand; readonly second: Operand }
  | { readonly kind: 'sum'; readonly first: Operand; readonly second: Operand; readonly sign: 1 | -1 };

/** Functions that name no truth. @param allowed `size` in conditions, the others in updates */
export function parseOperand(tokens: Tokens, allowed: readonly string[]): Operand {
  const word = tokens.peek() ?? '';
  if (word.startsWith(':')) return { kind: 'value', name: tokens.next() };
  if (tokens.peek(1) !== '(') return { kind: 'path', path: tokens.path() };
  if (!allowed.includes(word)) tokens.refuse(word);
  tokens.next();
  tokens.expect('(');
  const operand = parseFunction(word, tokens, allowed);
  tokens.expect(')');
  return operand;
}

function parseFunction(name: string, tokens: Tokens, allowed: readonly string[]): Operand {
  if (name === 'size') return { kind: 'size', path: tokens.path() };
  if (name === 'if_not_exists') {
    const path = tokens.path();
    tokens.expect(',');
    return { kind: 'ifNotExists', path, otherwise: parseOperand(tokens, allowed) };
  }
  if (name === 'list_append') {
    const first = parseOperand(tokens, allowed);
    tokens.expect(',');
    return { kind: 'listAppend', first, second: parseOperand(tokens, allowed) };
  }
  return tokens.refuse(name);
}

/** Undefined for an attribute that the item does not have. */
export function readOperand(operand: Operand, item: Item, given: Substitutes): Attribute | undefined {
  switch (operand.kind) {
    case 'value':
      return resolveValue(operand.name, given);
    case 'path':
      return readPath(item, resolvePath(operand.path, given));
    case 'size': {
      const found = readPath(item, resolvePath(operand.path, given));
      const size = found && sizeOf(found);
      return size === undefined ? undefined : { N: String(size) };
    }
    case 'ifNotExists':
      return readPath(item, resolvePath(operand.path, given)) ?? readOperand(operand.otherwise, item, given);
    case 'listAppend': {
      const lists = [existing(operand.first, item, given), existing(operand.second, item, given)];
      if (lists.some((list) => typeOf(list) !== 'L')) throw invalid('An operand in the update expression has an incorrect data type');
      return { L: lists.flatMap(listOf) };
    }
    case 'sum': {
      const [first, second] = [existing(operand.first, item, given), existing(operand.second, item, given)];
      if (typeOf(first) !== 'N' || typeOf(second) !== 'N') throw invalid('An operand in the update expression has an incorrect data type');
      return { N: String(numberOf(first) + operand.sign * numberOf(second)) };
    }
  }
}

/** @throws AwsError ValidationException */
export function existing(operand: Operand, item: Item, given: Substitutes): Attribute {
  const value = readOperand(operand, item, given);
  if (value === undefined) throw invalid('The provided expression refers to an attribute that does not exist in the item');
  return value;
}

export function readPath(item: Item, path: DocumentPath): Attribute | undefined {
  let found: Attribute | undefined = { M: item };
  for (const part of path) {
    if (found === undefined) return undefined;
    if (typeof part === 'number') found = typeOf(found) === 'L' ? listOf(found)[part] : undefined;
    else {
      const map: Item | undefined = typeOf(found) === 'M' ? mapOf(found) : undefined;
      found = map !== undefined && Object.hasOwn(map, part) ? map[part] : undefined;
    }
  }
  return found;
}

/** Undefined for a type without a size. */
function sizeOf(attribute: Attribute): number | undefined {
  switch (typeOf(attribute)) {
    case 'S':
      return Buffer.byteLength(textOf(attribute));
    case 'SS':
      return setOf(attribute).length;
    case 'L':
      return listOf(attribute).length;
    case 'M':
      return Object.keys(mapOf(attribute)).length;
    default:
      return undefined;
  }
}
