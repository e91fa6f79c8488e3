/** Reference paths: `$`, `$.a.b`, and `$$.Execution.Id` of the context object. */
import { runtimeError, StateError } from './errors.ts';

/** What a path that begins with `$$` reads. */
export interface ExecutionContext {
  readonly Execution: {
    readonly Id: string;
    readonly Name: string;
    /** ISO 8601 with milliseconds. */
    readonly StartTime: string;
  };
  /** Only the selector of a Map's items has it. */
  readonly Map?: { readonly Item: { readonly Value: unknown } };
  /** Only a task that waits for its token has it. */
}

/** What a path can read: a state's input, and its execution's context. */
export interface Scope {
  readonly input: unknown;
  readonly context: ExecutionContext;
}

const REFERENCE = /^\$(\.[A-Za-z_][A-Za-z0-9_]*)*$/;
const CONTEXT = /^\$\$\.(Execution\.(Id|Name|StartTime)|Map\.Item\.Value)$/;

/** A path into the state's input that can be read and written. */
export const isReference = (path: string): boolean => REFERENCE.test(path);
/** A path that can be read. */
export const isReadable = (path: string): boolean => isReference(path) || CONTEXT.test(path);

const keysOf = (path: string): string[] => path.split('.').slice(1);

/** @returns undefined where the path leads nowhere */
export function find(path: string, { input, context }: Scope): unknown {
  let value: unknown = path.startsWith('$$') ? context : input;
  for (const key of keysOf(path)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

/** @throws StateError States.Runtime where the path leads nowhere */
export function read(path: string, scope: Scope): unknown {
  const value = find(path, scope);
  if (value === undefined) throw runtimeError(`The JSONPath '${path}' could not be found in the input '${JSON.stringify(scope.input)}'`);
  return value;
}

/**
 * A copy of `input` with `value` at `path`; `$` is all of it. Objects on the way that do not exist are made.
 * @throws StateError States.ResultPathMatchFailure where something that is no object is in the way
 */
export function withValueAt(path: string, input: unknown, value: unknown): unknown {
  return place(keysOf(path), input, value, path);
}

function place([key, ...rest]: readonly string[], input: unknown, value: unknown, path: string): unknown {
  if (key === undefined) return value;
  if (input !== undefined && (typeof input !== 'object' || input === null || Array.isArray(input)))
    throw new StateError('States.ResultPathMatchFailure', `Unable to apply ReferencePath ${path} to input`);
  const object = (input ?? {}) as Record<string, unknown>;
  return { ...object, [key]: place(rest, object[key], value, path) };
}
