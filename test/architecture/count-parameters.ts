import { parseAst } from 'vitest/node';

interface Node {
  readonly type: string;
  readonly [member: string]: unknown;
}

const FUNCTIONS: ReadonlySet<string> = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;

/**
 * Every function of a file with its number of parameters: a destructured object is one. An anonymous function has the name of the
 * variable, the member or the function that it is in.
 */
export function countParameters(file: string, text: string): readonly (readonly [name: string, count: number])[] {
  return functionsIn(parseAst(text, { lang: 'ts' }, file), '(anonymous)');
}

function functionsIn(value: unknown, outerName: string): (readonly [string, number])[] {
  if (Array.isArray(value)) return value.flatMap((one) => functionsIn(one, outerName));
  if (!isNode(value)) return [];
  const name = nameOf(value) ?? outerName;
  const inner = Object.values(value).flatMap((member) => functionsIn(member, name));
  return FUNCTIONS.has(value.type) ? [[name, (value['params'] as readonly unknown[]).length], ...inner] : inner;
}

/** The name of a function, a variable, or a member of an object or a class. */
function nameOf({ id, key }: Node): string | undefined {
  const named = id ?? key;
  return isNode(named) && typeof named['name'] === 'string' ? named['name'] : undefined;
}
