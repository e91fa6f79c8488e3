import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { DeployRecord } from '../../functions/shared/record-types.ts';
import { type Cloud, type CloudOptions, connect } from '../cloud.ts';
import { deployLines, historyTable, timelineOf } from '../deploy-history.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { findDeploy } from '../find-deploy.ts';
import { endingOf } from '../follow-to-end.ts';
import { holdsLock } from '../judge-ending.ts';
import type { Output } from '../output.ts';
import { type DeployOptions, deployTo, finish, follow as followOne } from './deploy.ts';

export interface ListOptions extends CloudOptions {
  /** Deploys that are shown; the table keeps all. */
  readonly limit?: number;
}

const SHOWN = 20;

/** The latest deploys of a fleet: when, how long, from which release to which, how each ended, and who asked. */
export async function list({ limit = SHOWN, ...options }: ListOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const deploys = await cloud.records.latestDeploys(cloud.fleet, limit);
  output.result({ fleet: cloud.fleet, deploys }, () => (deploys.length === 0 ? 'no deploy yet' : historyTable(deploys, Date.now())));
}

/** One deploy, with what each target went through. @throws CommandFailure NoSuchDeploy, AmbiguousDeploy, as of the others */
export async function show(id: string, options: CloudOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const deploy = await findDeploy(cloud, id);
  const nowMs = Date.now();
  const timelines = Object.entries(deploy.targets).map(([instanceId, target]) => [
    instanceId,
    timelineOf(target, deploy.finishedAtMs ?? nowMs),
  ]);
  output.result({ fleet: cloud.fleet, deploy: { ...deploy, timeline: Object.fromEntries(timelines) } }, () =>
    deployLines(deploy, nowMs).join('\n'),
  );
}

/** Stays until a deploy has ended, its clean-up included; one that has is told at once. */
export async function follow(id: string, options: CloudOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const record = await findDeploy(cloud, id);
  // Ctrl-C ends the command, never the deploy.
  const ended = record.status === 'RUNNING' ? await followOne(cloud, record.executionArn, true, output) : endingOf(record);
  if (ended) finish(record.to, ended, output, cloud);
}

/**
 * Deploys the release of a deploy that has ended once more: a new execution, which skips what has the release already and
 * takes what serves nobody first.
 * @throws CommandFailure DeployRuns, NothingToResume
 */
export async function resume(id: string, options: DeployOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  const record = await findResumable(cloud, id);
  // What it left may be below the minimum of healthy targets: that is what is to be mended.
  await deployTo(cloud, record.to, { ...options, recover: true }, output);
}

/** The deploy of an id, if it has ended otherwise than well. @throws CommandFailure as {@link resume} does */
export async function findResumable(cloud: Cloud, id: string): Promise<DeployRecord> {
  const record = await findDeploy(cloud, id);
  if (record.status === 'SUCCEEDED') {
    throw new CommandFailure(
      'NothingToResume',
      `deploy ${record.deployId} of ${record.to} has succeeded; nothing was started`,
      EXIT.badInput,
    );
  }
  if (record.status === 'RUNNING') await mustHaveEnded(cloud, record);
  return record;
}

/** A record without an end: the deploy runs, its clean-up does, or both died and nobody comes any more. */
async function mustHaveEnded(cloud: Cloud, { deployId, executionArn }: DeployRecord): Promise<void> {
  const refuse = (why: string) =>
    new CommandFailure('DeployRuns', `${why}; nothing was started. Look again with: npx holdfast status`, EXIT.deployRuns);
  if ((await statusOf(cloud, executionArn)) === 'RUNNING') throw refuse(`deploy ${deployId} still runs`);
  const lock = await cloud.records.getLock(cloud.fleet);
  if (holdsLock(deployId, lock, Date.now())) {
    throw refuse(
      `the clean-up of deploy ${deployId} holds the lock, at the latest until ${new Date(lock?.expiresAtMs ?? 0).toISOString()}`,
    );
  }
}

/** Status of an execution; undefined once Step Functions has forgotten it. */
export async function statusOf({ stepFunctions }: Pick<Cloud, 'stepFunctions'>, executionArn: string): Promise<string | undefined> {
  const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn })).catch((error: Error) => {
    if (error.name === 'ExecutionDoesNotExist') return undefined;
    throw error;
  });
  return execution?.status;
}
