import { CONTINUE_ROLE, type ContinueReply } from '../../functions/deploy/continue/contract.ts';
import { waitingOf, whyNotWaiting } from '../../functions/deploy/pause/pause-text.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import { createExecutions } from '../../functions/shared/aws/executions.ts';
import { functionName } from '../../functions/shared/naming.ts';
import { callFunction } from '../call-function.ts';
import { commandFor } from '../command-options.ts';
import { badInput } from '../failure.ts';
import { type ChangeOptions, connectToChange } from '../installation/connect-to-installation.ts';
import { openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import type { DeployCloud } from './deploy.ts';
import { findDeploy } from './follow-deploy.ts';

/** Lets a deploy go on that waits after its first targets. @throws CommandFailure as sendContinue does */
export async function continueDeploy(id: string, options: ChangeOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToChange(options), 'records', 'stepFunctions');
  output.at(cloud);
  const { record, reply } = await sendContinue(cloud, id);
  const { deployId, to } = record;
  const { outcome, done, servers, requestedBy } = reply;
  output.result(
    { deploy: { deployId, to, outcome, done, servers, requestedBy } },
    () =>
      `Deploy ${deployId} of ${to} goes on within a minute with the other ${servers - done} of ${servers} servers. Follow it with: ${commandFor(cloud, `deploys follow ${deployId}`)}`,
  );
}

export interface ContinuedDeploy {
  readonly record: DeployRecord;
  readonly reply: Exclude<ContinueReply, { outcome: 'refused' }>;
}

/**
 * Lets a deploy go on that waits after its first targets. The console's button calls it too.
 * @throws CommandFailure NotWaiting, NoSuchDeploy, AmbiguousDeploy, the function's refusals
 */
export async function sendContinue(cloud: DeployCloud, id: string): Promise<ContinuedDeploy> {
  const record = await findDeploy(cloud, id);
  await refuseUnpaused(cloud, record);
  const { installation, fleet } = cloud;
  const reply = await callFunction<ContinueReply>(cloud, {
    functionName: functionName(installation, fleet, CONTINUE_ROLE),
    statement: { deployId: record.deployId },
    failed: { code: 'ContinueFailed', message: 'The deploy is continued or not. Run the same command again: it continues nothing twice.' },
  });
  return { record, reply };
}

/**
 * Refuses a deploy that does not wait. The record alone does not decide: after an abort it still shows the wait until the clean-up begins.
 */
async function refuseUnpaused(cloud: DeployCloud, record: DeployRecord): Promise<void> {
  const { deployId, to, executionArn } = record;
  const refuse = (why: string) =>
    badInput(
      'NotWaiting',
      `Deploy ${deployId} of ${to} ${why}. Nothing was changed. See: ${commandFor(cloud, `deploys show ${deployId}`)}`,
    );
  if (!waitingOf(record)) throw refuse(whyNotWaiting(record, Date.now()));
  const execution = await createExecutions(cloud.stepFunctions).describe(executionArn);
  if (execution?.status !== 'RUNNING') throw refuse('was stopped, and its clean-up starts now, or within minutes');
}
