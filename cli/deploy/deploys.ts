import { nothingToResume } from '../../functions/records/outcome-text.ts';
import { isNotRolledBack } from '../../functions/records/touched-targets.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import { createExecutions } from '../../functions/shared/aws/executions.ts';
import type { CloudOptions } from '../cloud.ts';
import { commandFor } from '../command-options.ts';
import type { ListOptions } from '../command-parts.ts';
import { badInput, CommandFailure, EXIT } from '../failure.ts';
import { connectToChange, connectToRead } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { type DeployCloud, type DeployOptions, deployTo, finish, followAndFinish } from './deploy.ts';
import { deployLines, historyTable, timelineOf } from './deploy-history.ts';
import { findDeploy, holdsLock, resultOf } from './follow-deploy.ts';
import { recoverWords, resumed, stopWords } from './resumed.ts';

/** Lists the latest deploys of a fleet. */
export async function list({ limit, ...options }: ListOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToRead(options), 'records');
  output.at(cloud);
  const deploys = await cloud.records.latestDeploys(cloud.fleet, limit);
  output.result({ deploys }, () => (deploys.length === 0 ? 'No deploys yet.' : historyTable(deploys, Date.now())));
}

/** Shows one deploy with the phases of each target. @throws CommandFailure NoSuchDeploy, AmbiguousDeploy */
export async function show(id: string, options: CloudOptions, output: Output): Promise<void> {
  const cloud = openStores(await connectToRead(options), 'records');
  output.at(cloud);
  const deploy = await findDeploy(cloud, id);
  const over = await nothingLeft(cloud, deploy);
  const nowMs = Date.now();
  const timelines = Object.entries(deploy.targets).map(([instanceId, target]) => [
    instanceId,
    timelineOf(target, deploy.finishedAtMs ?? nowMs),
  ]);
  output.result({ deploy: { ...deploy, nothingToResume: over ?? null, timeline: Object.fromEntries(timelines) } }, () =>
    deployLines(over === undefined ? deploy : { ...deploy, outcome: `${over}.` }, nowMs).join('\n'),
  );
}

/** Follows a deploy until it and its clean-up have ended; reports one that has ended at once. */
export async function follow(id: string, options: CloudOptions, output: Output): Promise<number> {
  const cloud = openStores(await connectToRead(options), 'records', 'stepFunctions');
  output.at(cloud);
  const record = await findDeploy(cloud, id);
  if (record.status === 'RUNNING') return followAndFinish(cloud, { version: record.to, executionArn: record.executionArn }, output);
  finish({ version: record.to }, resultOf(record), output, cloud);
  return 0;
}

/**
 * Deploys the release of an ended deploy again: a new execution, which skips targets that run the release and rolls the
 * unhealthy ones first.
 * @throws CommandFailure DeployRuns, NothingToResume
 */
export async function resume(id: string, options: DeployOptions, output: Output): Promise<number> {
  const cloud = openStores(await connectToChange(options), 'records', 'stepFunctions');
  output.at(cloud);
  const record = await findResumable(cloud, id);
  const again = resumed(record, options.recover);
  for (const words of [stopWords(record, again), recoverWords(record, again)]) if (words !== undefined) output.print(words);
  return deployTo(cloud, record.to, { ...options, ...again }, output);
}

/** The deploy with an id, if it did not succeed. @throws CommandFailure as {@link resume} does */
export async function findResumable(cloud: DeployCloud, id: string): Promise<DeployRecord> {
  const record = await findDeploy(cloud, id);
  if (record.status === 'SUCCEEDED') {
    throw badInput(
      'NothingToResume',
      `Deploy ${record.deployId} of ${record.to} succeeded, so nothing is left to resume. Nothing was started.`,
    );
  }
  if (record.status === 'RUNNING') await refuseUnended(cloud, record);
  const over = await nothingLeft(cloud, record);
  if (over !== undefined) {
    const again = commandFor(cloud, `deploy ${record.to}`);
    throw badInput('NothingToResume', `${over}. Nothing was started. To deploy ${record.to} again: ${again}`);
  }
  return record;
}

/** Why an ended deploy has left nothing to resume; undefined where it has. */
export async function nothingLeft(
  { records, fleet }: Pick<OpenCloud, 'records' | 'fleet'>,
  deploy: DeployRecord,
): Promise<string | undefined> {
  if (!isNotRolledBack(deploy)) return undefined;
  const [instances, current] = await Promise.all([records.getInstances(fleet), records.getFleet(fleet)]);
  return nothingToResume(deploy, { instances, currentVersion: current?.currentVersion });
}

/** A record without an end: the deploy is running, its clean-up is, or both died. */
async function refuseUnended(cloud: DeployCloud, { deployId, executionArn }: DeployRecord): Promise<void> {
  const refuse = (why: string) =>
    new CommandFailure('DeployRuns', `${why} Nothing was started. Check again with: ${commandFor(cloud, 'status')}`, EXIT.deployRuns);
  if ((await statusOf(cloud, executionArn)) === 'RUNNING') throw refuse(`Deploy ${deployId} is still running.`);
  const lock = await cloud.records.getLock(cloud.fleet);
  if (holdsLock(deployId, lock, Date.now())) {
    throw refuse(
      `The clean-up of deploy ${deployId} holds the lock, until ${new Date(lock?.expiresAtMs ?? 0).toISOString()} at the latest.`,
    );
  }
}

/** Status of an execution; undefined when Step Functions no longer keeps it. */
export async function statusOf({ stepFunctions }: Pick<OpenCloud, 'stepFunctions'>, executionArn: string): Promise<string | undefined> {
  return (await createExecutions(stepFunctions).describe(executionArn))?.status;
}
