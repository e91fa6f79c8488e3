/** What a state makes of its input: its output, its size, its time to wait, its end. */
import type { FailState, PassState, WaitState } from './definition.ts';
import { runtimeError, StateError } from './errors.ts';
import { read, type Scope, withValueAt } from './paths.ts';
import { fill } from './payload-template.ts';
import type { Outcome } from './surroundings.ts';

/** UTF-8, of a state's input or output. */
const MOST_BYTES = 262_144;

/** @throws StateError States.DataLimitExceeded, ResultPathMatchFailure */
export function withResult(resultPath: string | null | undefined, input: unknown, result: unknown): unknown {
  if (resultPath === null) return input;
  const output = withValueAt(resultPath ?? '$', input, result);
  checkSize(output);
  return output;
}

/** @throws StateError States.DataLimitExceeded */
export function checkSize(value: unknown): void {
  const text = JSON.stringify(value);
  // A character has three bytes at the most.
  if (text.length * 3 > MOST_BYTES && Buffer.byteLength(text) > MOST_BYTES)
    throw new StateError(
      'States.DataLimitExceeded',
      'The state/task returned a result with a size exceeding the maximum number of bytes service limit.',
    );
}

export function passed(state: PassState, scope: Scope): unknown {
  if (state.Result !== undefined) return state.Result;
  return state.Parameters === undefined ? scope.input : fill(state.Parameters, scope);
}

export function waitSeconds({ Seconds, SecondsPath }: WaitState, scope: Scope): number {
  if (SecondsPath === undefined) return Seconds as number;
  const seconds = read(SecondsPath, scope);
  if (typeof seconds !== 'number' || !Number.isInteger(seconds) || seconds < 0)
    throw runtimeError(`The SecondsPath parameter '${SecondsPath}' is no whole number of seconds`);
  return seconds;
}

export function failed({ Error: error, Cause, ErrorPath, CausePath }: FailState, scope: Scope): Outcome {
  const text = (path: string | undefined, value: string | undefined): string | undefined => {
    if (path === undefined) return value;
    const found = read(path, scope);
    if (typeof found !== 'string') throw runtimeError(`The path '${path}' of a Fail state is no text`);
    return found;
  };
  return { status: 'FAILED', error: text(ErrorPath, error), cause: text(CausePath, Cause) };
}
