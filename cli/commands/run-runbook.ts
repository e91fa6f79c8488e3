import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Runbook } from '../../functions/incidents/contract/causes.ts';
import { runbookStateMachineName } from '../../functions/incidents/contract/names.ts';
import type { RunbookInput } from '../../functions/incidents/contract/steps.ts';
import { textOf } from '../../functions/incidents/report/text.ts';
import { type Cloud, connect } from '../cloud.ts';
import { optionsOf } from '../command-options.ts';
import { asSentence, CommandFailure, EXIT } from '../failure.ts';
import { type ExecutionEnd, followExecution } from '../follow-execution.ts';
import type { Output } from '../output.ts';
import { type RunOptions, readIncident } from './incidents.ts';

/** The latest incidents among which that of an execution is: few begin in the same minute. */
const LATEST = 20;

/** Runs a runbook and prints its page. Ctrl-C stops following it, never the runbook. @throws CommandFailure */
export async function runRunbook(runbook: Runbook, options: RunOptions, output: Output): Promise<void> {
  const cloud = await connect(options);
  output.print(cloud.title);
  const executionArn = await startRunbook(cloud, runbook, options);
  let last = '';
  const ended = await followExecution<ExecutionEnd>(cloud, executionArn, async (end) => {
    if (end) return end;
    const stage = (await incidentOf(cloud, executionArn))?.stage;
    if (stage && stage !== last) output.progress(`  ${stage}`);
    last = stage ?? last;
    return undefined;
  });
  const incident = await incidentOf(cloud, executionArn);
  if (ended?.status !== 'SUCCEEDED')
    throw new CommandFailure(
      ended?.error ?? 'RunbookFailed',
      asSentence(`Runbook ${runbook} ended with ${ended?.status}: ${ended?.message ?? 'no cause was reported'}`),
    );
  if (!incident)
    throw new CommandFailure(
      'RunbookSkipped',
      `Runbook ${runbook} did not run: another run of it is working on the same incident. See it with: npx holdfast incidents ${optionsOf(cloud)}`,
    );
  const read = await readIncident(cloud, incident.incidentId, Date.now());
  output.result(read, () => `\n${textOf(read.page, { all: options.dryRun ?? false })}`);
}

const incidentOf = async ({ incidents }: Cloud, executionArn: string) =>
  (await incidents.latestIncidents(LATEST)).find((incident) => incident.executionArn === executionArn);

/** @returns the execution's ARN @throws CommandFailure NoRunbooks */
export async function startRunbook(cloud: Cloud, runbook: Runbook, { dryRun = false, since, fleet }: RunOptions): Promise<string> {
  const { region, account, installation } = cloud;
  const input: RunbookInput = {
    runbook,
    // An incident of the store concerns every fleet, unless a person names one.
    ...((fleet !== undefined || runbook === 'logged-out') && { fleet: cloud.fleet }),
    dryRun,
    ...(since !== undefined && { fromMs: since }),
    sign: { from: 'person', state: 'ALARM', atMs: Date.now() },
  };
  const stateMachineArn = `arn:aws:states:${region}:${account}:stateMachine:${runbookStateMachineName(installation)}`;
  try {
    const { executionArn } = await cloud.stepFunctions.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
    return executionArn as string;
  } catch (error) {
    if ((error as Error).name !== 'StateMachineDoesNotExist') throw error;
    throw new CommandFailure(
      'NoRunbooks',
      `${stateMachineArn} does not exist. Nothing was started. Set "incidents": {"enabled": true} in the configuration and run "npx cdk deploy --all", or choose another installation with --installation.`,
      EXIT.noCloud,
      { cause: error },
    );
  }
}
