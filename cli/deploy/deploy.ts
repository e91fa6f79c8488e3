import { isRefusal } from '../../functions/deploy/control/describe-outcome.ts';
import type { Adoption, Expected } from '../../functions/deploy/settings/settings.ts';
import { leftOutOf, letThroughWords, type Restarts, restartText, warningWords } from '../../functions/records/outcome-text.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import { isDenied } from '../aws-errors.ts';
import { commandFor, optionsOf } from '../command-options.ts';
import { asSentence, badInput, CommandFailure, didYouMean, EXIT, toFailure } from '../failure.ts';
import { type Followed, untilSignal } from '../follow-execution.ts';
import { type ChangeOptions, connectToChange } from '../installation/connect-to-installation.ts';
import { deployStateMachineArnOf, type OpenCloud, openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { startExecution } from '../start-execution.ts';
import { lookLines } from './deploy-progress.ts';
import { type DeployResult, exitCodeOf, followToEnd } from './follow-deploy.ts';
import { refusedSentence } from './refused.ts';

export interface DeployOptions extends ChangeOptions {
  readonly recover?: boolean;
  /** `recover` is there only because the resumed deploy left too few servers in service: this one still refuses to end users' sessions. */
  readonly keepsSessions?: true;
  /** What the deploy does with the targets when it fails. @default the fleet's setting */
  readonly onFailure?: 'rollback' | 'halt';
  /** Number of servers after which the deploy waits until an operator continues it. @default it does not wait */
  readonly pauseAfter?: number;
  /** What the release does to users by intent: that verdict, and the alarms that see it, do not stop this one deploy. */
  readonly expect?: Expected;
  /** Id of the one instance that is restarted with the fleet's current release, instead of a deploy of the fleet. */
  readonly restart?: string;
  /** Servers take what they run for the release, and nothing is taken out or restarted. */
  readonly adopt?: Adoption;
  readonly ignoreApplicationStopFailures?: true;
  /** Every server is, one after the other. */
  readonly restartAll?: true;
}

const CONTINUES = 'The deploy goes on.';

/** Starts the deploy state machine and follows it. */
export async function deploy(version: string, options: DeployOptions, output: Output): Promise<number> {
  const cloud = openStores(await connectToChange(options), 'records', 'stepFunctions');
  output.at(cloud);
  return deployTo(cloud, version, options, output);
}

/** What starting, following and stopping a deploy uses. */
export type DeployCloud = OpenCloud<'records' | 'stepFunctions'>;

/** Starts and follows a deploy on a connected cloud. @returns the exit code @throws CommandFailure as {@link finish} does */
export async function deployTo(cloud: DeployCloud, version: string, options: DeployOptions, output: Output): Promise<number> {
  const executionArn = await startDeploy(cloud, version, options);
  const what = restartText(options) ?? `deploy of ${version} to fleet ${cloud.fleet}`;
  output.print(`${what} has started: ${deployIdOf(executionArn)}`);
  return followAndFinish(cloud, { ...options, version, executionArn }, output);
}

/** A deploy that was started. */
export interface Followable extends Restarts {
  readonly version: string;
  readonly executionArn: string;
}

/** Follows a deploy and reports how it ended, or that it goes on. @returns the exit code @throws CommandFailure as {@link finish} does */
export async function followAndFinish(cloud: DeployCloud, followed: Followable, output: Output): Promise<number> {
  const { version, executionArn } = followed;
  const end = await follow(cloud, executionArn, output);
  if ('ended' in end) {
    finish(followed, end.ended, output, cloud);
    return 0;
  }
  const deployId = deployIdOf(executionArn);
  output.result({ deploy: { deployId, to: version, status: 'RUNNING', executionArn } }, () =>
    [`Deploy ${deployId} of ${version} goes on.`, ...nextCommands(cloud, executionArn)].join('\n'),
  );
  return end.leftWith;
}

const deployIdOf = (executionArn: string): string => executionArn.split(':').at(-1) as string;

/**
 * Starts a deploy of a published release. The console's button calls it too. What is gone by the time that the deploy looks, it refuses itself.
 * @returns the execution's ARN
 * @throws CommandFailure ReleaseNotFound, ServerNotFound, NoDeployStateMachine
 */
export async function startDeploy(
  cloud: DeployCloud,
  version: string,
  { recover, keepsSessions, onFailure, restart, restartAll, pauseAfter, expect, adopt, ignoreApplicationStopFailures }: DeployOptions,
): Promise<string> {
  const input = {
    version,
    requestedBy: cloud.caller,
    ...(recover && { recover, ...(keepsSessions && { keepsSessions }) }),
    ...(onFailure && { onFailure }),
    ...(restart && { restart }),
    ...(restartAll && { restartAll }),
    ...(pauseAfter !== undefined && { pauseAfter }),
    ...(expect && { expect }),
    ...(adopt && { adopt }),
    ...(ignoreApplicationStopFailures && { ignoreApplicationStopFailures }),
  };
  await requirePublished(cloud, version);
  if (restart !== undefined) await requireServer(cloud, restart);
  return startExecution(cloud.stepFunctions, deployStateMachineArnOf(cloud), input, [
    'NoDeployStateMachine',
    'Choose another fleet with --fleet, or deploy the installation with "npx --no cdk deploy --all".',
  ]);
}

/**
 * Follows a deploy until it and its clean-up have ended.
 * @param state what to report about the deploy when the connection is lost
 * @throws CommandFailure when the connection is lost
 */
export async function follow(cloud: DeployCloud, executionArn: string, output: Output, state = CONTINUES): Promise<Followed<DeployResult>> {
  try {
    return await untilSignal((signal) => followToEnd(cloud, executionArn, output.view(), signal));
  } catch (error) {
    const { code, message } = toFailure(error);
    const text = [asSentence(message), state, ...nextCommands(cloud, executionArn).map(asSentence)].join(' ');
    // The exit code is not that of the lost connection: the deploy is running, so its result is unknown.
    throw new CommandFailure(code, text, EXIT.notRolledBack, { cause: error });
  }
}

function nextCommands(cloud: DeployCloud, executionArn: string): string[] {
  const deployId = deployIdOf(executionArn);
  return [
    `Follow it with: ${commandFor(cloud, `deploys follow ${deployId}`)}`,
    `Abort it with: ${commandFor(cloud, `deploys abort ${deployId}`)}`,
  ];
}

/** For each drained server, by instance id: which signal showed its requests in flight (`counts`, `kernel` or `blind`). */
const drainSignals = (targets: DeployRecord['targets']) =>
  Object.fromEntries(Object.entries(targets).flatMap(([instanceId, { drainSignal }]) => (drainSignal ? [[instanceId, drainSignal]] : [])));

/** Reports a deploy that succeeded. @throws CommandFailure for one that did not, with its exit code */
export function finish(
  { version, ...restarts }: Omit<Followable, 'executionArn'>,
  { record, servers, ...ended }: DeployResult,
  output: Output,
  cloud: DeployCloud,
): void {
  if (ended.status === 'SUCCEEDED') {
    const { outcome, targets = {}, warnings, restart, restartAll, expect, adopt } = record ?? {};
    const looks = Object.fromEntries(record ? lookLines(record) : []);
    const leftOut = leftOutOf(targets);
    const letThrough = record && letThroughWords(record);
    const drains = drainSignals(targets);
    const more = { ...(outcome && { outcome, leftOut }), ...(warnings && { warnings }), ...(Object.keys(drains).length > 0 && { drains }) };
    const restarted = restart ?? (restartAll && 'all servers');
    const kind = { ...(restart && { restart }), ...(restartAll && { restartAll }), ...(expect && { expect }), ...(adopt && { adopt }) };
    output.result({ deploy: { ...ended, to: version, ...kind, ...looks, ...more } }, () =>
      [
        ...(outcome ? [outcome] : []),
        ...(letThrough ? [letThrough] : []),
        ...Object.entries(looks).map(([what, words]) => `${what}: ${words}`),
        // Whole, and last: on a terminal they have possibly not fitted, and in a log they are far above.
        ...(warnings ?? []).map((sentence) => `warning: ${sentence}`),
        `${restarted === undefined ? `${adopt ? 'adopted' : 'deployed'} ${version}` : `restarted ${restarted} with ${version}`} in ${ended.seconds.toFixed(1)} s${warningWords(warnings)}`,
      ].join('\n'),
    );
    return;
  }
  const cause = ended.message ?? ended.error ?? record?.error?.Cause ?? 'no cause was reported';
  const what = `The ${restartText(record ?? restarts) ?? `deploy of ${version}`}`;
  if (record === undefined && isRefusal(ended.error)) {
    const sentence = refusedSentence(what, { error: ended.error, cause }, optionsOf(cloud));
    throw new CommandFailure(ended.error, sentence, exitCodeOf({ ...ended, servers }));
  }
  // The execution of a deploy that was stopped or timed out does not report what happened to its servers.
  const outcome = record?.outcome && !cause.includes(record.outcome) ? [record.outcome] : [];
  const unknown = `Its clean-up has not reported. Check again with: ${commandFor(cloud, `deploys show ${record?.deployId}`)}`;
  throw new CommandFailure(
    ended.error ?? ended.status,
    [`${what} ended with ${ended.status}: ${cause}`, ...outcome, ...(servers === 'unknown' ? [unknown] : [])].map(asSentence).join(' '),
    exitCodeOf({ ...ended, servers }),
  );
}

/** Refuses a release or a server that the fleet does not have, before an execution starts: a slip of the pen is no failed deploy. */
type Fleet = Pick<OpenCloud, 'records' | 'fleet' | 'local' | 'region' | 'installation'>;

/** The most names in a message. */
const LISTED = 5;

const listed = (names: readonly string[]): string => `${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ', …' : ''}`;

const DENIED = Symbol('denied');

/** One who may not read decides nothing here: the start names the policy that is missing, or the deploy refuses. */
const orDenied = <T>(read: Promise<T>): Promise<T | typeof DENIED> =>
  read.catch((error: Error) => {
    if (isDenied(error)) return DENIED;
    throw error;
  });

/** @throws CommandFailure ReleaseNotFound */
async function requirePublished(cloud: Fleet, version: string): Promise<void> {
  const { records, fleet } = cloud;
  if (await orDenied(records.getRelease(fleet, version))) return;
  const versions = (await records.listReleases(fleet)).map((release) => release.version);
  const next =
    versions.length === 0
      ? `It has none yet. Publish one with: ${commandFor(cloud, `releases publish ${version} PATH`)}`
      : `Its latest releases are ${listed(versions)}. List them with: ${commandFor(cloud, 'releases')}`;
  throw badInput(
    'ReleaseNotFound',
    `Fleet ${fleet} has no release ${version}.${didYouMean(version, versions)} Nothing was started. ${next}`,
  );
}

/**
 * A server has a record from the first release that Holdfast installs on it. Where none has, the deploy itself decides.
 * @throws CommandFailure ServerNotFound
 */
async function requireServer(cloud: Fleet, instanceId: string): Promise<void> {
  const { records, fleet } = cloud;
  const found = await orDenied(records.getInstances(fleet));
  if (found === DENIED) return;
  const servers = found.map((server) => server.instanceId);
  if (servers.length === 0 || servers.includes(instanceId)) return;
  throw badInput(
    'ServerNotFound',
    `Fleet ${fleet} has no server ${instanceId}.${didYouMean(instanceId, servers)} Nothing was started. It has ${listed(servers)}. List them with: ${commandFor(cloud, 'status')}`,
  );
}
