/** What a dry run reads of AWS by calls of its own. */

import { GetAccountSettingsCommand, InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { describeError } from '../../shared/errors.ts';
import type { DeployContext } from '../contract/common.ts';
import type { StoreCheckRequest } from '../contract/store-check-steps.ts';
import { ReplicasOutOfSync, StoreUnavailable } from '../errors.ts';
import type { DryRunFacts } from './facts.ts';

interface Failure {
  readonly errorType?: string;
  readonly errorMessage?: string;
}

/** Its errors that refuse a deploy. */
const FAULTS: Readonly<Record<string, new (message: string) => StoreUnavailable | ReplicasOutOfSync>> = {
  StoreUnavailable,
  ReplicasOutOfSync,
};

/**
 * Has the deploy's own function check the session store: only that one is in the store's network. The check only reads. Without an answer
 * at `endMs` the store is unknown.
 * @param functionName with the alias
 */
export const invokeStoreCheck =
  (client: Pick<LambdaClient, 'send'>, functionName: string, now: () => number) =>
  async (deploy: DeployContext, endMs: number): Promise<DryRunFacts['store']> => {
    const request: StoreCheckRequest = { step: 'checkStore', deploy };
    try {
      const { Payload, FunctionError } = await client.send(
        new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
        { abortSignal: AbortSignal.timeout(Math.max(0, endMs - now())) },
      );
      if (FunctionError === undefined) return {};
      const { errorType = FunctionError, errorMessage = '' } = JSON.parse(Buffer.from(Payload ?? []).toString() || '{}') as Failure;
      const Fault = FAULTS[errorType];
      return Fault ? { fault: new Fault(errorMessage) } : { unknown: `its check failed: ${errorType}: ${errorMessage}` };
    } catch (error) {
      return { unknown: `its check did not answer: ${describeError(error)}` };
    }
  };

/** How many functions without a reservation of their own can run at once in the account and Region. Unknown where that cannot be read. */
export const readConcurrency =
  (client: Pick<LambdaClient, 'send'>): (() => Promise<DryRunFacts['concurrency']>) =>
  async () => {
    try {
      const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
      const unreserved = AccountLimit?.UnreservedConcurrentExecutions;
      return unreserved === undefined ? { unknown: 'Lambda returned no limit' } : { unreserved };
    } catch (error) {
      return { unknown: `Lambda did not return it: ${describeError(error)}` };
    }
  };
