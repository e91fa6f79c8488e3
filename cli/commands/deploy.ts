import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type Cloud, type CloudOptions, connect } from '../cloud.ts';
import { CommandFailure, EXIT, toFailure } from '../failure.ts';
import { type Ending, followToEnd } from '../follow-to-end.ts';
import { exitCodeOf } from '../judge-ending.ts';
import type { Output } from '../output.ts';

export interface DeployOptions extends CloudOptions {
  /** Ends only when the deploy has ended, with its outcome as the exit code; Ctrl-C is not an answer to a question. */
  readonly wait?: boolean;
  readonly recover?: boolean;
  /** What becomes of the targets when it fails; the fleet's own setting without it. */
  readonly onFailure?: 'rollback' | 'halt';
}

/** Starts the deploy state machine and follows it. */
export async function deploy(version: string, options: DeployOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.say(cloud.title);
  await deployTo(cloud, version, options, output);
}

/** The same, on a cloud that is connected to. */
export async function deployTo(cloud: Cloud, version: string, options: DeployOptions, output: Output): Promise<void> {
  const executionArn = await startDeploy(cloud, version, options);
  output.say(`deploy ${version}: ${executionArn}`);
  const ended = await follow(cloud, executionArn, options.wait ?? false, output);
  if (ended) return finish(version, ended, output, cloud);
  output.result({ deploy: { status: 'RUNNING', executionArn } }, () => ['The deploy goes on.', ...waysOn(cloud, executionArn)].join('\n'));
}

/** @returns the execution's ARN @throws CommandFailure NoDeployStateMachine */
export async function startDeploy(cloud: Cloud, version: string, { recover, onFailure }: DeployOptions): Promise<string> {
  const input = JSON.stringify({
    version,
    requestedBy: cloud.caller.slice(0, 128),
    ...(recover && { recover }),
    ...(onFailure && { onFailure }),
  });
  try {
    const { executionArn } = await cloud.stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: cloud.deployStateMachineArn, input }),
    );
    return executionArn as string;
  } catch (error) {
    if ((error as Error).name !== 'StateMachineDoesNotExist') throw error;
    throw new CommandFailure(
      'NoDeployStateMachine',
      `${cloud.deployStateMachineArn} does not exist: name another fleet with --fleet, or deploy the installation with "npx cdk deploy --all"; nothing was started`,
      EXIT.noCloud,
      { cause: error },
    );
  }
}

/**
 * Follows a deploy to its end, its clean-up's included.
 * @param wait Ctrl-C is not an answer: it ends the command by its signal
 * @param state how things stand when it can be followed no more
 * @returns undefined when Ctrl-C has ended the following, never the deploy
 */
export async function follow(
  cloud: Cloud,
  executionArn: string,
  wait: boolean,
  output: Output,
  state = 'The deploy goes on',
): Promise<Ending | undefined> {
  const stop = new AbortController();
  const leave = () => stop.abort();
  if (!wait) process.once('SIGINT', leave);
  try {
    return await followToEnd(cloud, executionArn, output.view(), stop.signal);
  } catch (error) {
    const { code, message } = toFailure(error);
    const goesOn = `${message}. ${state}. ${waysOn(cloud, executionArn).join('. ')}`;
    // Neither "failed, all as before" nor "no cloud, nothing changed": how it ends is not known.
    throw new CommandFailure(code, goesOn, EXIT.notRolledBack, { cause: error });
  } finally {
    process.off('SIGINT', leave);
  }
}

/** Options that bring another command to the same cloud and fleet. */
export const optionsOf = (cloud: Cloud): string =>
  `--fleet ${cloud.fleet}${cloud.local ? '' : ` --region ${cloud.region} --installation ${cloud.installation}`}`;

function waysOn(cloud: Cloud, executionArn: string): string[] {
  const deployId = executionArn.split(':').at(-1);
  return [
    `Follow it with: npx holdfast deploys follow ${deployId} ${optionsOf(cloud)}`,
    `Abort it with: npx holdfast deploys abort ${deployId} ${optionsOf(cloud)}`,
  ];
}

/** The result of a deploy that has ended well. @throws CommandFailure with the exit code of one that has not */
export function finish(version: string, { record, servers, ...ended }: Ending, output: Output, cloud: Cloud): void {
  if (ended.status === 'SUCCEEDED') {
    output.result({ deploy: { ...ended, to: version } }, () => `deployed ${version} in ${ended.seconds.toFixed(1)} s`);
    return;
  }
  const cause = ended.message ?? ended.error ?? record?.error?.Cause ?? 'no cause was given';
  // The execution of a deploy that was stopped or ran out of time cannot say what became of its servers.
  const left = record?.outcome && !cause.includes(record.outcome) ? `. ${record.outcome}` : '';
  const unknown = `. Its clean-up has not reported: look again with npx holdfast deploys show ${record?.deployId} ${optionsOf(cloud)}`;
  throw new CommandFailure(
    ended.error ?? ended.status,
    `the deploy of ${version} ended ${ended.status}: ${cause}${left}${servers === 'unknown' ? unknown : ''}`,
    exitCodeOf({ ...ended, servers }),
  );
}
