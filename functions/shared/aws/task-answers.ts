import { SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { isAwsError } from './classify-aws-error.ts';

/** Answers to executions that wait for a task's token. */
export interface TaskAnswers {
  /**
   * @returns false when no execution waits for the token any more
   * @throws the SDK's other errors
   */
  answer(taskToken: string, output: object): Promise<boolean>;
}

export function createTaskAnswers(client: SFNClient): TaskAnswers {
  return {
    async answer(taskToken, output) {
      try {
        await client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));
        return true;
      } catch (error) {
        if (isAwsError(error, 'TaskTimedOut') || isAwsError(error, 'TaskDoesNotExist')) return false;
        throw error;
      }
    },
  };
}
