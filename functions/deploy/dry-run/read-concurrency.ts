import { GetAccountSettingsCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { describeError } from '../../shared/errors.ts';
import type { DryRunFacts } from './facts.ts';

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
