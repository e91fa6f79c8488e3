import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { RefreshPlan } from '../../functions/refresh/contract.ts';
import { executionArnOf } from '../../functions/shared/aws/executions.ts';
import { commandFor, optionsOf } from '../command-options.ts';
import { refusedSentence } from '../deploy/refused.ts';
import { asSentence, CommandFailure, EXIT, toFailure } from '../failure.ts';
import { type EndedExecution, type Followed, followExecution, untilSignal } from '../follow-execution.ts';
import { type ChangeOptions, connectToChange, connectToStop } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores, refreshStateMachineArnOf } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { startExecution } from '../start-execution.ts';
import { planLines, refreshLines } from './refresh-lines.ts';

export interface RefreshOptions extends ChangeOptions {
  /** Reports which servers would be replaced, and why; replaces none. */
  readonly dryRun?: boolean;
  /** Replaces every server. */
  readonly all?: boolean;
  /** Stops the refresh that is running. */
  readonly abort?: boolean;
}

/** Replaces a fleet's outdated servers one at a time and follows it; Ctrl-C leaves it running. */
export async function refresh(options: RefreshOptions, output: Output): Promise<number> {
  const connected = await (options.abort ? connectToStop(options) : connectToChange(options));
  const cloud = openStores(connected, 'records', 'refreshes', 'stepFunctions');
  output.at(cloud);
  if (options.abort) {
    await abort(cloud, output);
    return 0;
  }
  const executionArn = await start(cloud, options);
  const followed = await follow(cloud, executionArn, output);
  if ('ended' in followed) {
    await report(cloud, followed.ended, options, output);
    return 0;
  }
  const refreshId = executionArn.split(':').at(-1);
  output.result({ refresh: { refreshId, status: 'RUNNING', executionArn } }, () =>
    [
      `Refresh ${refreshId} goes on.`,
      `See it with: ${commandFor(cloud, 'status')}`,
      `Stop it with: ${commandFor(cloud, 'refresh --abort')}`,
    ].join('\n'),
  );
  return followed.leftWith;
}

/** @throws CommandFailure NoRefresh */
type RefreshCloud = OpenCloud<'records' | 'refreshes' | 'stepFunctions'>;

async function start(cloud: RefreshCloud, { dryRun, all }: RefreshOptions): Promise<string> {
  const requestedBy = cloud.caller.slice(0, 128);
  const input = { requestedBy, ...(dryRun && { dryRun }), ...(all && { all }) };
  try {
    return await startExecution(cloud.stepFunctions, refreshStateMachineArnOf(cloud), input);
  } catch (error) {
    throw (error as Error).name === 'StateMachineDoesNotExist' ? noRefresh(cloud, error) : error;
  }
}

const noRefresh = (cloud: RefreshCloud, cause: unknown) =>
  new CommandFailure(
    'NoRefresh',
    `${refreshStateMachineArnOf(cloud)} does not exist. Nothing was started. Only servers of an Auto Scaling group can be refreshed: existing instances and addresses have no launch template. Choose another fleet with --fleet, or deploy the installation with "npx --no cdk deploy --all".`,
    EXIT.badInput,
    { cause },
  );

async function follow(cloud: RefreshCloud, executionArn: string, output: Output): Promise<Followed<EndedExecution>> {
  const refreshId = executionArn.split(':').at(-1);
  const seen = new Map<string, string>();
  try {
    const poll = async (ended: EndedExecution | undefined) => {
      const record = await cloud.refreshes.getRefresh(cloud.fleet);
      for (const line of record?.refreshId === refreshId ? refreshLines(record?.servers ?? {}, seen) : []) output.print(line);
      return ended;
    };
    return await untilSignal((signal) => followExecution(cloud, executionArn, poll, signal));
  } catch (error) {
    const { code, message } = toFailure(error);
    const next = `The refresh goes on. Check it with: ${commandFor(cloud, 'status')}.`;
    throw new CommandFailure(code, `${asSentence(message)} ${next}`, EXIT.notRolledBack, { cause: error });
  }
}

async function report(cloud: RefreshCloud, ended: EndedExecution, { dryRun = false }: RefreshOptions, output: Output): Promise<void> {
  const { output: printed, ...end } = ended;
  if (ended.status === 'SUCCEEDED') {
    const plan = JSON.parse(printed ?? '{}') as RefreshPlan;
    output.result({ refresh: { ...end, dryRun, ...plan } }, () => planLines(plan, dryRun, ended.seconds).join('\n'));
    return;
  }
  const cause = ended.message ?? ended.error ?? 'no cause was reported';
  const record = await cloud.refreshes.getRefresh(cloud.fleet);
  const isOwn = record?.executionArn === ended.executionArn;
  const servers = isOwn ? Object.entries(record.servers) : [];
  const untouched = servers.filter(([, { phase }]) => phase === 'waiting').map(([instanceId]) => instanceId);
  const next = untouched.length > 0 ? [`Not touched: ${untouched.join(', ')}.`] : [];
  const after = ended.error === 'ReplacementFailed' ? ['See "A refresh stopped" in the runbook, then refresh again.'] : [];
  const { error } = ended;
  const isRefused = error !== undefined && error in EXIT_BY_ERROR && servers.length === 0;
  const sentence = isRefused
    ? refusedSentence('The refresh', { error, cause }, optionsOf(cloud))
    : asSentence(`The refresh ended with ${ended.status}: ${cause}`);
  throw new CommandFailure(
    ended.error ?? ended.status,
    [sentence, ...next, ...after].join(' '),
    exitCodeOf(
      ended.error,
      servers.some(([, { phase }]) => phase === 'failed'),
    ),
  );
}

const EXIT_BY_ERROR: Readonly<Record<string, number>> = {
  DeployInProgress: EXIT.deployRuns,
  InvalidInput: EXIT.badInput,
  LaunchesSuspended: EXIT.badInput,
  NoLaunchTemplate: EXIT.badInput,
};

/** @param isShort a server went, and it is open whether another one serves in its place */
function exitCodeOf(error: string | undefined, isShort: boolean): number {
  return EXIT_BY_ERROR[error ?? ''] ?? (isShort ? EXIT.notRolledBack : EXIT.failed);
}

/** @throws CommandFailure NoRefreshRuns */
async function abort(cloud: RefreshCloud, output: Output): Promise<void> {
  const lock = await cloud.records.getLock(cloud.fleet);
  if (lock?.deployId === undefined || lock.heldBy !== 'refresh') {
    throw new CommandFailure('NoRefreshRuns', `No refresh of fleet ${cloud.fleet} is running. Nothing was stopped.`, EXIT.badInput);
  }
  const cause = `stopped by ${cloud.caller} with "holdfast refresh --abort"`;
  const executionArn = executionArnOf(refreshStateMachineArnOf(cloud), lock.deployId);
  await cloud.stepFunctions.send(new StopExecutionCommand({ executionArn, error: 'Aborted', cause }));
  output.result({ refresh: { status: 'ABORTED', executionArn } }, () =>
    [
      `stopped refresh ${lock.deployId}; a server that was out of the load balancer and not terminated is registered again within seconds`,
      `Check the fleet with: ${commandFor(cloud, 'status')}`,
    ].join('\n'),
  );
}
