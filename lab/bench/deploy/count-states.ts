/** What an execution and its child executions enter, by their histories: each state is a transition that Step Functions bills. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';

type ReadHistory = (executionArn: string) => Promise<readonly HistoryEvent[]>;

/** @returns the number of states that the execution entered, and those that it started, directly or not */
export async function countStates(executionArn: string, readHistory: ReadHistory): Promise<number> {
  let entered = 0;
  const executions = new Set([executionArn]);
  // A set is gone through with what is added meanwhile.
  for (const arn of executions) {
    const events = await readHistory(arn);
    entered += events.filter(({ type }) => type?.endsWith('StateEntered')).length;
    for (const child of childrenOf(events)) executions.add(child);
  }
  return entered;
}

/**
 * Executions that a history's tasks started. Step Functions names a child when it has started (TaskSubmitted) and again when it has
 * ended; the local cloud's emulator when it has ended only.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html
 */
export function childrenOf(events: readonly HistoryEvent[]): readonly string[] {
  return events.flatMap(({ taskSubmittedEventDetails, taskSucceededEventDetails, taskFailedEventDetails }) => {
    const submitted = taskSubmittedEventDetails && { ...taskSubmittedEventDetails, text: taskSubmittedEventDetails.output };
    const succeeded = taskSucceededEventDetails && { ...taskSucceededEventDetails, text: taskSucceededEventDetails.output };
    // The cause is the child's description.
    const failed = taskFailedEventDetails && { ...taskFailedEventDetails, text: taskFailedEventDetails.cause };
    const task = submitted ?? succeeded ?? failed;
    // `startExecution.sync:2`, and in the emulator's history the whole ARN of that.
    if (!task?.resource?.includes('startExecution')) return [];
    const arn = executionArnIn(task.text ?? '');
    return arn === undefined ? [] : [arn];
  });
}

/** A cause can also be a sentence: of a child that was not started. */
function executionArnIn(text: string): string | undefined {
  try {
    const { ExecutionArn } = JSON.parse(text) as { ExecutionArn?: unknown };
    return typeof ExecutionArn === 'string' ? ExecutionArn : undefined;
  } catch {
    return undefined;
  }
}
