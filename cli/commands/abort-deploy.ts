import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { DeployRecord } from '../../functions/shared/record-types.ts';
import { type Cloud, type CloudOptions, connect } from '../cloud.ts';
import { inOrder, targetLine } from '../deploy-progress.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { findDeploy } from '../find-deploy.ts';
import type { Ending } from '../follow-to-end.ts';
import type { Output } from '../output.ts';
import { follow, optionsOf } from './deploy.ts';
import { statusOf } from './deploys.ts';

/**
 * Stops a deploy that runs, and stays until its clean-up has reported.
 * @returns 0 when no server is left otherwise than it was, else {@link EXIT.notRolledBack}
 * @throws CommandFailure DeployEnded
 */
export async function abort(id: string, options: CloudOptions, output: Output): Promise<number> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const record = await stopDeploy(cloud, id);
  const { deployId, executionArn } = record;
  output.say(`stopped deploy ${deployId} of ${record.to}; its clean-up begins at once, or within minutes`);
  const ended = await follow(cloud, executionArn, false, output, 'The deploy was stopped, and its clean-up goes on');
  if (!ended) {
    const goesOn = `The clean-up goes on. Follow it with: npx holdfast deploys follow ${deployId} ${optionsOf(cloud)}`;
    output.result({ deploy: { deployId, to: record.to, status: 'ABORTED', servers: 'unknown' } }, () => goesOn);
    return 0;
  }
  if (ended.status === 'SUCCEEDED') {
    throw new CommandFailure('DeployEnded', `deploy ${deployId} of ${record.to} has succeeded before it could be stopped`);
  }
  return tell(ended, record, cloud, output);
}

/** Stops a deploy that runs. @returns it as it was before @throws CommandFailure DeployEnded, as of a search for a deploy */
export async function stopDeploy(cloud: Cloud, id: string): Promise<DeployRecord> {
  const record = await findDeploy(cloud, id);
  await mustRun(cloud, record);
  const cause = `stopped by ${cloud.caller} with "holdfast deploys abort"`;
  await cloud.stepFunctions.send(new StopExecutionCommand({ executionArn: record.executionArn, error: 'Aborted', cause }));
  return record;
}

/** A clean-up is not to be stopped: the next one would begin where this one does. */
async function mustRun(cloud: Cloud, { deployId, executionArn, to, status, cleanUp }: DeployRecord): Promise<void> {
  const refuse = (why: string) =>
    new CommandFailure('DeployEnded', `deploy ${deployId} of ${to} ${why}; nothing was stopped`, EXIT.badInput);
  if (status !== 'RUNNING') throw refuse(`has ended ${status}`);
  const followIt = `(follow it with: npx holdfast deploys follow ${deployId} ${optionsOf(cloud)})`;
  if (cleanUp) throw refuse(`has failed or was stopped already, and its clean-up puts the servers right ${followIt}`);
  const execution = await statusOf(cloud, executionArn);
  if (execution !== 'RUNNING') throw refuse(`has ended ${execution ?? 'long ago'}, and its clean-up has not reported yet ${followIt}`);
}

function tell({ status, servers, record: after }: Ending, before: DeployRecord, cloud: Cloud, output: Output): number {
  const record = after ?? before;
  const { deployId, to, rolledBack, outcome } = record;
  const targets = Object.fromEntries(
    inOrder(record).map(([instanceId, { phase, detail }]) => [instanceId, { phase, ...(detail && { detail }) }]),
  );
  const value = { deployId, to, status, servers, ...(rolledBack !== undefined && { rolledBack }), ...(outcome && { outcome }), targets };
  const unreported = `its clean-up has not reported: look again with npx holdfast deploys show ${deployId} ${optionsOf(cloud)}`;
  output.result({ deploy: value }, () =>
    [
      `deploy ${deployId} of ${to} ended ${status}: ${outcome ?? unreported}`,
      ...inOrder(record).map(([instanceId, target]) => targetLine(instanceId, target, Date.now())),
    ].join('\n'),
  );
  return servers === 'left' || servers === 'unknown' ? EXIT.notRolledBack : 0;
}
