import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { DeployRecord } from '../../functions/shared/record-types.ts';
import { type Cloud, type CloudOptions, connect } from '../cloud.ts';
import { CommandFailure } from '../failure.ts';
import type { Output } from '../output.ts';
import { type DeployOptions, deployTo } from './deploy.ts';

/** Deploys that are shown; the table keeps all. */
const SHOWN = 20;

/** The latest deploys of a fleet: from which release to which, how each ended, and what became of the fleet. */
export async function list(options: CloudOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const deploys = (await cloud.records.listDeploys(cloud.fleet)).slice(0, SHOWN);
  output.result({ fleet: cloud.fleet, deploys }, () => (deploys.length === 0 ? 'no deploy yet' : deploys.map(lineOf).join('\n')));
}

function lineOf({ deployId, from, to, status, startedAtMs, rolledBack }: DeployRecord): string {
  return `${new Date(startedAtMs).toISOString()}  ${from} → ${to}  ${status}${rolledBack ? ', rolled back' : ''}  ${deployId}`;
}

/**
 * Deploys the release of a deploy that has ended once more: a new execution, which skips what has the release already and
 * takes what serves nobody first.
 * @throws CommandFailure NoSuchDeploy, DeployRuns, NothingToResume
 */
export async function resume(deployId: string, options: DeployOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const record = await cloud.records.getDeploy(cloud.fleet, deployId);
  if (!record) {
    throw new CommandFailure(
      'NoSuchDeploy',
      `fleet ${cloud.fleet} has no deploy ${deployId}: "npx holdfast deploys --fleet ${cloud.fleet}" lists them; nothing was started`,
    );
  }
  if (record.status === 'SUCCEEDED') {
    throw new CommandFailure('NothingToResume', `deploy ${deployId} of ${record.to} has succeeded; nothing was started`);
  }
  if (record.status === 'RUNNING') await mustHaveEnded(cloud, record);
  // What it left may be below the minimum of healthy targets: that is what is to be mended.
  await deployTo(cloud, record.to, { ...options, recover: true }, output);
}

/** A record without an end: the deploy runs, its clean-up does, or both died and nobody comes any more. */
async function mustHaveEnded(cloud: Cloud, { deployId, executionArn }: DeployRecord): Promise<void> {
  const execution = await cloud.stepFunctions.send(new DescribeExecutionCommand({ executionArn })).catch((error: Error) => {
    if (error.name === 'ExecutionDoesNotExist') return undefined;
    throw error;
  });
  const refuse = (why: string) => new CommandFailure('DeployRuns', `${why}; nothing was started. Look again with: npx holdfast status`);
  if (execution?.status === 'RUNNING') throw refuse(`deploy ${deployId} still runs`);
  const lock = await cloud.records.getLock(cloud.fleet);
  if (lock?.deployId === deployId && (lock.expiresAtMs ?? 0) > Date.now()) {
    throw refuse(`the clean-up of deploy ${deployId} holds the lock, at the latest until ${new Date(lock.expiresAtMs ?? 0).toISOString()}`);
  }
}
