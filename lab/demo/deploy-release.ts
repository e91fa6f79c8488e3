/** Deploys a published release, as `holdfast deploy` does, and follows it to its end. */

import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { DeployCloud } from '../../cli/deploy/deploy.ts';
import { type DeployOutcome, followDeploy } from '../../cli/deploy/follow-deploy.ts';
import { deployStateMachineArnOf } from '../../cli/open-stores.ts';

/** @throws Error when the deploy cannot be started or followed; a deploy that fails is an outcome */
export async function deployRelease(
  cloud: DeployCloud,
  version: string,
  log: (line: string) => void,
  signal?: AbortSignal,
): Promise<DeployOutcome> {
  const { executionArn } = await cloud.stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: deployStateMachineArnOf(cloud),
      input: JSON.stringify({ version, requestedBy: cloud.caller }),
    }),
  );
  const ended = await followDeploy(cloud, executionArn as string, log, signal);
  if (!ended) throw new Error('the deploy was not followed to its end');
  return ended;
}
