import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type Cloud, type CloudOptions, connect } from '../cloud.ts';
import { CommandFailure, EXIT, toFailure } from '../failure.ts';
import { type DeployOutcome, followDeploy } from '../follow-deploy.ts';
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
  const executionArn = await start(cloud, version, options);
  output.say(`deploy ${version}: ${executionArn}`);
  const ended = await follow(cloud, executionArn, options.wait ?? false, output);
  if (ended) return finish(version, ended, output);
  output.result({ deploy: { status: 'RUNNING', executionArn } }, () => ['The deploy goes on.', ...waysOn(cloud, executionArn)].join('\n'));
}

async function start(cloud: Cloud, version: string, { recover, onFailure }: DeployOptions): Promise<string> {
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

async function follow(cloud: Cloud, executionArn: string, wait: boolean, output: Output): Promise<DeployOutcome | undefined> {
  const stop = new AbortController();
  const leave = () => stop.abort();
  if (!wait) process.once('SIGINT', leave);
  try {
    return await followDeploy(cloud, executionArn, output.view(), stop.signal);
  } catch (error) {
    const { code, message, exitCode } = toFailure(error);
    throw new CommandFailure(code, `${message}. The deploy goes on. ${waysOn(cloud, executionArn).join('. ')}`, exitCode, { cause: error });
  } finally {
    process.off('SIGINT', leave);
  }
}

function waysOn(cloud: Cloud, executionArn: string): string[] {
  const options = `--fleet ${cloud.fleet}${cloud.local ? '' : ` --region ${cloud.region} --installation ${cloud.installation}`}`;
  return [
    `Follow it with: npx holdfast status ${options}`,
    `Abort it with: aws stepfunctions stop-execution ${cloud.awsOptions} --execution-arn ${executionArn}`,
  ];
}

function finish(version: string, ended: DeployOutcome, output: Output): void {
  if (ended.status !== 'SUCCEEDED') {
    const cause = ended.message ?? ended.error ?? 'no cause was given';
    throw new CommandFailure(ended.error ?? ended.status, `the deploy of ${version} ended ${ended.status}: ${cause}`);
  }
  output.result({ deploy: { ...ended, to: version } }, () => `deployed ${version} in ${ended.seconds.toFixed(1)} s`);
}
