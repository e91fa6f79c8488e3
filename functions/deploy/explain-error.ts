import type { TaskError } from '../records/types.ts';
import { parseJson } from '../shared/json.ts';
import * as z from '../shared/schema.ts';

/** Nesting that is followed: the deploy's machine, its RollTarget child, a function. */
const DEEPEST = 4;

/** A child execution's description, as `startExecution.sync:2` gives it in the Cause of States.TaskFailed. */
const childFailure = z.object({ Error: z.string(), Cause: z.optional(z.string()) });
/** A child that was stopped or ran out of time names no error. */
const childEnd = z.object({ ExecutionArn: z.string(), Status: z.enum(['TIMED_OUT', 'ABORTED']) });
const ENDINGS = {
  TIMED_OUT: { Error: 'States.Timeout', Cause: 'the execution that rolled the target ran out of time' },
  ABORTED: { Error: 'Aborted', Cause: 'the execution that rolled the target was stopped' },
} as const;
/** A function's error, as the Lambda integration gives it in the Cause. */
const functionFailure = z.object({ errorMessage: z.string(), errorType: z.optional(z.string()) });

/**
 * The error that a machine caught, unwrapped: the name of the error that began it, and its sentence as the Cause.
 * A child execution hides its error in the Cause of `States.TaskFailed`, and a function its message in a JSON Cause.
 */
export function explainError(error: TaskError): TaskError {
  let { Error: name, Cause: cause } = error;
  for (let depth = 0; depth < DEEPEST; depth += 1) {
    const inside = parseJson(cause);
    const child = childFailure.safeParse(inside);
    if (child.success) {
      name = child.data.Error;
      // Whether the description of one that ran out of time names the error is not documented; there is no cause either way.
      cause = child.data.Cause ?? (childEnd.safeParse(inside).success && name === ENDINGS.TIMED_OUT.Error ? ENDINGS.TIMED_OUT.Cause : '');
      continue;
    }
    const end = childEnd.safeParse(inside);
    if (end.success) return ENDINGS[end.data.Status];
    const failure = functionFailure.safeParse(inside);
    if (failure.success) cause = failure.data.errorMessage;
    break;
  }
  return { Error: name, Cause: cause };
}
