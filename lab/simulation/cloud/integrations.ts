/** How Step Functions names what goes wrong with what a Task calls. */
import { AwsError } from '#local-aws/service/service.ts';
import { StateError } from '../asl/errors.ts';

import type { ChildStartFault, Faults } from '../faults/faults.ts';
import { jsonCopy } from '../kernel/json-copy.ts';

import type { Random } from '../kernel/random.ts';
import type { ExecutionRecord } from './execution-record.ts';

/**
 * What a function ended with: `errorType` by the name that Step Functions sees, `cause` as Lambda states it, JSON with
 * errorMessage and errorType for an error of the function's own.
 */
export interface FunctionFailure {
  readonly errorType: string;
  readonly cause: string;
}

/**
 * @returns the function's reply, as JSON carries it
 * @throws StateError for a {@link FunctionFailure}; anything else as it is
 */
export async function callFunction(invoke: () => Promise<unknown>): Promise<unknown> {
  try {
    const reply = await invoke();
    return jsonCopy(reply ?? null);
  } catch (error) {
    const { errorType, cause } = error as Partial<FunctionFailure>;
    if (typeof errorType !== 'string' || typeof cause !== 'string') throw error;
    throw new StateError(errorType, cause);
  }
}

/** After these errors of a start the child can be running all the same: only the answer did not arrive. */
const MAY_HAVE_STARTED = /Sdk|Unknown|Internal|Unavailable|RequestTimeout|StepFunctionsException|SfnException/;

/**
 * Starts a child execution.
 * @param fault by which it fails
 * @throws StateError by the names that the integration has for the API's errors
 */
export function startChild(
  start: () => ExecutionRecord,
  fault: ChildStartFault | undefined,
  faults: Pick<Faults, 'took'>,
  random: Random,
): ExecutionRecord {
  let child: ExecutionRecord | undefined;
  const begins = () => fault === undefined || (fault.takesEffect ?? (MAY_HAVE_STARTED.test(fault.error) && random.chance(0.5)));
  try {
    if (begins()) child = start();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    if (fault === undefined) throw new StateError(`StepFunctions.${error.code}Exception`, error.message);
  }
  if (fault === undefined) return child as ExecutionRecord;
  faults.took(child ? 'childStart.answerLost' : 'childStart.refused');
  throw new StateError(fault.error, `${fault.error} (Service: Sfn)`);
}
