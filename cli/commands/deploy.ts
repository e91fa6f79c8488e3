import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { isVersion, VERSION_PATTERN } from '../../functions/shared/version.ts';
import { type CloudOptions, connect } from '../cloud.ts';
import { CommandFailure, EXIT } from '../failure.ts';
import { type DeployOutcome, followDeploy } from '../follow-deploy.ts';
import type { Output } from '../output.ts';

export interface DeployOptions extends CloudOptions {
  /** Ends only when the deploy has ended, with its outcome as the exit code. */
  readonly wait?: boolean;
  readonly recover?: boolean;
}

/** Refused before anything is connected to. @throws CommandFailure InvalidVersion */
export function checkVersion(version: string): void {
  if (isVersion(version)) return;
  throw new CommandFailure(
    'InvalidVersion',
    `${JSON.stringify(String(version).slice(0, 80))} is not a version: it has to match ${VERSION_PATTERN}; nothing was started`,
    EXIT.badInput,
  );
}

/** Starts the deploy state machine and follows it. */
export async function deploy(version: string, options: DeployOptions, output: Output): Promise<void> {
  checkVersion(version);
  const cloud = await connect(options);
  output.say(cloud.title);
  const { executionArn } = await cloud.stepFunctions
    .send(
      new StartExecutionCommand({
        stateMachineArn: cloud.deployStateMachineArn,
        input: JSON.stringify({ version, requestedBy: cloud.caller.slice(0, 128), ...(options.recover && { recover: true }) }),
      }),
    )
    .catch((error: Error) => {
      if (error.name !== 'StateMachineDoesNotExist') throw error;
      throw new CommandFailure(
        'NoDeployStateMachine',
        `${cloud.deployStateMachineArn} does not exist: deploy the installation with "npx cdk deploy --all"; nothing was started`,
        EXIT.noCloud,
        { cause: error },
      );
    });
  const arn = executionArn as string;
  output.say(`deploy ${version}: ${arn}`);

  const stop = new AbortController();
  const leave = () => stop.abort();
  process.once('SIGINT', leave);
  const ended = await followDeploy(cloud, arn, (line) => output.say(line), stop.signal).finally(() => process.off('SIGINT', leave));
  if (!ended) return leaveRunning(arn, options, output);
  finish(version, ended, output);
}

function leaveRunning(executionArn: string, options: DeployOptions, output: Output): void {
  const where = options.region ? ` --region ${options.region}` : '';
  output.result({ deploy: { status: 'RUNNING', executionArn } }, () =>
    [
      `The deploy goes on. Follow it with: npx holdfast status${where}`,
      `Abort it with: aws stepfunctions stop-execution --execution-arn ${executionArn}`,
    ].join('\n'),
  );
}

function finish(version: string, ended: DeployOutcome, output: Output): void {
  if (ended.status === 'SUCCEEDED') {
    output.result({ deploy: { ...ended, to: version } }, () => `deployed ${version} in ${ended.seconds.toFixed(1)} s`);
    return;
  }
  throw new CommandFailure(
    ended.error ?? ended.status,
    `the deploy of ${version} ended ${ended.status}: ${ended.message ?? ended.error ?? 'no cause was given'}`,
  );
}
