/**
 * UpdateExpression.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
import { type Attribute, type Item, invalid, listOf, mapOf, numberOf, setOf, typeOf } from './attribute.ts';
import { existing, type Operand, parseOperand, readPath } from './operand.ts';
import { type DocumentPath, resolvePath, resolveValue, type Substitutes, Tokens } from './tokens.ts';

export type Action =
  | { readonly kind: 'set'; readonly path: DocumentPath; readonly value: Operand }
  | { readonly kind: 'remove'; readonly path: DocumentPath }
  | { readonly kind: 'add' | 'delete'; readonly path: DocumentPath; readonly value: string };

const CLAUSES = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;
const FUNCTIONS = ['if_not_exists', 'list_append'];

/** @throws AwsError ValidationException */
export function parseUpdate(text: string): readonly Action[] {
  const tokens = new Tokens(text, 'UpdateExpression');
  const actions: Action[] = [];
  const seen = new Set<string>();
  do {
    const clause = CLAUSES.find((one) => tokens.take(one)) ?? tokens.refuse(tokens.peek() ?? '<EOF>');
    if (seen.has(clause)) throw invalid(`Invalid UpdateExpression: The "${clause}" section can only be used once in an update expression;`);
    seen.add(clause);
    actions.push(...tokens.list(() => parseAction(clause, tokens)));
  } while (tokens.peek() !== undefined);
  return actions;
}

function parseAction(clause: (typeof CLAUSES)[number], tokens: Tokens): Action {
  const path = tokens.path();
  switch (clause) {
    case 'SET':
      tokens.expect('=');
      return { kind: 'set', path, value: parseAssigned(tokens) };
    case 'REMOVE':
      return { kind: 'remove', path };
    default: {
      const value = tokens.next();
      if (!value.startsWith(':')) tokens.refuse(value);
      return { kind: clause === 'ADD' ? 'add' : 'delete', path, value };
    }
  }
}

function parseAssigned(tokens: Tokens): Operand {
  const first = parseOperand(tokens, FUNCTIONS);
  if (tokens.take('+')) return { kind: 'sum', first, second: parseOperand(tokens, FUNCTIONS), sign: 1 };
  if (tokens.take('-')) return { kind: 'sum', first, second: parseOperand(tokens, FUNCTIONS), sign: -1 };
  return first;
}

/** Every value is read from the item as it was. @throws AwsError ValidationException */
export function applyUpdate(actions: readonly Action[], before: Item, given: Substitutes): Item {
  const resolved = actions.map((action) => ({ action, path: resolvePath(action.path, given) }));
  refuseOverlaps(resolved.map(({ path }) => path));
  return resolved.reduce((item, { action, path }) => writePath(item, path, changed(action, path, before, given)), before);
}

/** What the path has afterwards; undefined for nothing. */
function changed(action: Action, path: DocumentPath, before: Item, given: Substitutes): Attribute | undefined {
  if (action.kind === 'remove') return undefined;
  if (action.kind === 'set') return existing(action.value, before, given);
  const value = resolveValue(action.value, given);
  const found = readPath(before, path);
  const type = typeOf(value);
  if (type !== 'SS' && !(type === 'N' && action.kind === 'add'))
    throw invalid(
      `Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ${action.kind.toUpperCase()}, operand type: ${type}`,
    );
  if (found === undefined) return action.kind === 'add' ? value : undefined;
  if (typeOf(found) !== type) throw invalid('An operand in the update expression has an incorrect data type');
  if (type === 'N') return { N: String(numberOf(found) + numberOf(value)) };
  const changedSet =
    action.kind === 'add' ? [...new Set([...setOf(found), ...setOf(value)])] : setOf(found).filter((one) => !setOf(value).includes(one));
  // A set is never empty: it is gone.
  return changedSet.length === 0 ? undefined : { SS: changedSet };
}

/** @throws AwsError ValidationException where what the path leads through does not exist */
function writePath(item: Item, [name, ...rest]: DocumentPath, value: Attribute | undefined): Item {
  if (typeof name !== 'string') throw invalid('The document path provided in the update expression is invalid for update');
  if (rest.length === 0) {
    if (value !== undefined) return { ...item, [name]: value };
    const { [name]: _removed, ...others } = item;
    return others;
  }
  return { ...item, [name]: writeInside(Object.hasOwn(item, name) ? item[name] : undefined, rest, value) };
}

function writeInside(parent: Attribute | undefined, path: DocumentPath, value: Attribute | undefined): Attribute {
  const [part, ...rest] = path;
  if (parent !== undefined && typeof part === 'string' && typeOf(parent) === 'M') return { M: writePath(mapOf(parent), path, value) };
  if (parent !== undefined && typeof part === 'number' && typeOf(parent) === 'L') {
    const list = [...listOf(parent)];
    const written = rest.length === 0 ? value : writeInside(list[part], rest, value);
    // A position beyond the end appends.
    if (written === undefined) list.splice(part, 1);
    else list[Math.min(part, list.length)] = written;
    return { L: list };
  }
  throw invalid('The document path provided in the update expression is invalid for update');
}

function refuseOverlaps(paths: readonly DocumentPath[]): void {
  for (const [index, one] of paths.entries()) {
    for (const other of paths.slice(index + 1)) {
      const shared = Math.min(one.length, other.length);
      if (one.slice(0, shared).every((part, at) => part === other[at])) {
        throw invalid(
          `Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [${one.join(', ')}], path two: [${other.join(', ')}]`,
        );
      }
    }
  }
}
