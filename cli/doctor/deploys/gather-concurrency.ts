import { GetAccountSettingsCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { aboutResource, type Lookup, lookUp, NotFound } from '../lookup.ts';

/** How many functions without a reservation of their own can run at once in the account and Region. */
export const gatherConcurrency = (lambda: LambdaClient, region: string): Promise<Lookup<number>> =>
  lookUp(aboutResource('concurrency of functions in', region, 'lambda:GetAccountSettings'), async () => {
    const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
    if (AccountLimit?.UnreservedConcurrentExecutions === undefined) throw new NotFound();
    return AccountLimit.UnreservedConcurrentExecutions;
  });
