import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { DeployRecord } from '../../functions/records/types.ts';
import { commandFor } from '../command-options.ts';
import { badInput, CommandFailure, EXIT } from '../failure.ts';
import { type ChangeOptions, connectToStop } from '../installation/connect-to-installation.ts';
import { openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { type DeployCloud, follow } from './deploy.ts';
import { inOrder, targetLine } from './deploy-progress.ts';
import { statusOf } from './deploys.ts';
import { type DeployResult, findDeploy } from './follow-deploy.ts';

export interface AbortOptions extends ChangeOptions {
  /** Stops the deploy that the caller's own identity started, if it runs; no id is given then. */
  readonly mine?: boolean;
}

/** Without an id, the deploy is searched among this number of latest ones: it still runs, so few can have begun after it. */
const LATEST = 5;

/**
 * Stops a running deploy and waits until its clean-up has reported.
 * @param named a fleet has one deploy that runs: it is meant without an id
 * @returns 0 when every server is as it was before, or when none of one's own was running, else {@link EXIT.notRolledBack}
 * @throws CommandFailure DeployEnded, NoDeployRuns, InvalidCommand
 */
export async function abort(named: string | undefined, options: AbortOptions, output: Output): Promise<number> {
  const { mine = false } = options;
  if (named !== undefined && mine)
    throw badInput('InvalidCommand', 'Name the id of a deploy or use --mine, not both. Nothing was stopped.');
  const cloud = openStores(await connectToStop(options), 'records', 'stepFunctions');
  output.at(cloud);
  const id = named ?? (mine ? await findOwn(cloud) : await findRunning(cloud))?.deployId;
  if (id === undefined) {
    output.result(
      { deploy: null },
      () => `No deploy of fleet ${cloud.fleet} that ${cloud.caller} started is running. Nothing was stopped.`,
    );
    return 0;
  }
  const record = await stopDeploy(cloud, id);
  const { deployId, executionArn } = record;
  output.print(`stopped deploy ${deployId} of ${record.to}; its clean-up starts now, or within minutes`);
  const followed = await follow(cloud, executionArn, output, 'The deploy was stopped, and its clean-up goes on.');
  if (!('ended' in followed)) {
    const next = `The clean-up of deploy ${deployId} goes on. Follow it with: ${commandFor(cloud, `deploys follow ${deployId}`)}`;
    output.result({ deploy: { deployId, to: record.to, status: 'ABORTED', servers: 'unknown' } }, () => next);
    return followed.leftWith;
  }
  const { ended } = followed;
  if (ended.status === 'SUCCEEDED') {
    throw new CommandFailure('DeployEnded', `Deploy ${deployId} of ${record.to} succeeded before it could be stopped.`);
  }
  return report(ended, record, cloud, output);
}

/** @throws CommandFailure NoDeployRuns */
async function findRunning(cloud: DeployCloud): Promise<DeployRecord> {
  const running = (await cloud.records.latestDeploys(cloud.fleet, LATEST)).find(({ status, cleanUp }) => status === 'RUNNING' && !cleanUp);
  if (running) return running;
  throw badInput('NoDeployRuns', `No deploy of fleet ${cloud.fleet} is running. Nothing was stopped.`);
}

/** A role's session is part of the identity: two jobs whose sessions have names of their own do not stop each other's deploys. */
async function findOwn({ records, fleet, caller }: DeployCloud): Promise<DeployRecord | undefined> {
  const latest = await records.latestDeploys(fleet, LATEST);
  return latest.find(({ status, cleanUp, requestedBy }) => status === 'RUNNING' && !cleanUp && requestedBy === caller);
}

/** Stops a running deploy. @returns its record before that @throws CommandFailure DeployEnded, NoSuchDeploy, AmbiguousDeploy */
export async function stopDeploy(cloud: DeployCloud, id: string): Promise<DeployRecord> {
  const record = await findDeploy(cloud, id);
  await refuseEnded(cloud, record);
  const cause = `stopped by ${cloud.caller} with "holdfast deploys abort"`;
  await cloud.stepFunctions.send(new StopExecutionCommand({ executionArn: record.executionArn, error: 'Aborted', cause }));
  return record;
}

/** A clean-up is never stopped: the next one would only start it again. */
async function refuseEnded(cloud: DeployCloud, { deployId, executionArn, to, status, cleanUp }: DeployRecord): Promise<void> {
  const refuse = (why: string) => badInput('DeployEnded', `Deploy ${deployId} of ${to} ${why} Nothing was stopped.`);
  if (status !== 'RUNNING') throw refuse(`has already ended with ${status}.`);
  const followIt = `Follow it with: ${commandFor(cloud, `deploys follow ${deployId}`)}.`;
  if (cleanUp) throw refuse(`has already failed or been stopped, and its clean-up is restoring the servers. ${followIt}`);
  const execution = await statusOf(cloud, executionArn);
  if (execution !== 'RUNNING')
    throw refuse(`has already ended${execution ? ` with ${execution}` : ''}, and its clean-up has not reported yet. ${followIt}`);
}

function report({ status, servers, record: after }: DeployResult, before: DeployRecord, cloud: DeployCloud, output: Output): number {
  const record = after ?? before;
  const { deployId, to, rolledBack, outcome } = record;
  const targets = Object.fromEntries(
    inOrder(record).map(([instanceId, { phase, detail }]) => [instanceId, { phase, ...(detail && { detail }) }]),
  );
  const value = { deployId, to, status, servers, ...(rolledBack !== undefined && { rolledBack }), ...(outcome && { outcome }), targets };
  const unreported = `its clean-up has not reported. Check again with: ${commandFor(cloud, `deploys show ${deployId}`)}`;
  output.result({ deploy: value }, () =>
    [
      `deploy ${deployId} of ${to} ended with ${status}: ${outcome ?? unreported}`,
      ...inOrder(record).map(([instanceId, target]) => targetLine(instanceId, target, record, Date.now())),
    ].join('\n'),
  );
  return servers === 'left' || servers === 'unknown' ? EXIT.notRolledBack : 0;
}
