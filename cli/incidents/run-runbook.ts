import { setTimeout as sleep } from 'node:timers/promises';
import type { Runbook } from '../../functions/incidents/contract/causes.ts';
import { incidentKey, runbookStateMachineName } from '../../functions/incidents/contract/environment.ts';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import type { RunbookInput } from '../../functions/incidents/contract/steps.ts';
import { textOf } from '../../functions/incidents/report/text.ts';
import { regionalArn } from '../../functions/shared/aws/partition.ts';
import { INCIDENTS_PART, STORE_PART } from '../../functions/shared/naming.ts';
import { commandFor } from '../command-options.ts';
import { asSentence, CommandFailure } from '../failure.ts';
import { type ExecutionEnd, type Followed, followExecution, untilSignal } from '../follow-execution.ts';
import { connectToChange } from '../installation/connect-to-installation.ts';
import { type OpenCloud, openStores } from '../open-stores.ts';
import type { Output } from '../output.ts';
import { startExecution } from '../start-execution.ts';
import { type RunOptions, readIncident } from './incidents.ts';

/** The incident of an execution that has just started is searched among this number of latest incidents: few begin in the same minute. */
const LATEST = 20;

const LEAVES_WITHIN_MS = 2_000;

/** Runs a runbook and prints its page. Ctrl-C stops following it, never the runbook. @throws CommandFailure */
export async function runRunbook(runbook: Runbook, options: RunOptions, output: Output): Promise<number> {
  const cloud = openStores(await connectToChange(options, INCIDENTS_PART, runbook === 'logged-out'), 'incidents', 's3', 'stepFunctions');
  output.at(cloud);
  const executionArn = await startRunbook(cloud, runbook, options);
  const followed = await follow(cloud, executionArn, output);
  if (!('ended' in followed)) {
    left(runbook, await idOf(cloud, executionArn), cloud, output);
    return followed.leftWith;
  }
  const { ended } = followed;
  const incident = await incidentOf(cloud, executionArn);
  if (ended.status !== 'SUCCEEDED')
    throw new CommandFailure(
      ended.error ?? 'RunbookFailed',
      asSentence(`Runbook ${runbook} ended with ${ended.status}: ${ended.message ?? 'no cause was reported'}`),
    );
  if (!incident)
    throw new CommandFailure(
      'RunbookSkipped',
      `Runbook ${runbook} did not run: another run of it is working on the same incident. See it with: ${commandFor(cloud, 'incidents')}`,
    );
  const read = await readIncident(cloud, incident.incidentId, Date.now());
  output.result(read, () => `\n${textOf(read.page, { verbose: options.dryRun ?? false })}`);
  return 0;
}

function follow(cloud: OpenCloud<'incidents' | 'stepFunctions'>, executionArn: string, output: Output): Promise<Followed<ExecutionEnd>> {
  let last = '';
  return untilSignal((signal) =>
    followExecution<ExecutionEnd>(
      cloud,
      executionArn,
      async (end) => {
        const incident = await incidentOf(cloud, executionArn);
        if (incident && incident.stage !== last) output.progress(`  ${incident.stage}`);
        last = incident?.stage ?? last;
        // The execution can go on for an hour after its report, to end mitigations that bridge an outage: the command does not wait for
        // that.
        return end ?? (incident && isReported(incident) ? { status: 'SUCCEEDED', executionArn, seconds: 0 } : undefined);
      },
      signal,
    ),
  );
}

/**
 * Ctrl-C was pressed: prints how to see the runbook's result later. The runbook goes on, and publishes its report unless it is a dry run.
 */
function left(runbook: Runbook, incidentId: string | undefined, cloud: OpenCloud<'incidents'>, output: Output): void {
  const next = incidentId === undefined ? commandFor(cloud, 'incidents') : commandFor(cloud, `incidents show ${incidentId}`);
  output.result({ runbook, status: 'RUNNING', ...(incidentId !== undefined && { incidentId }) }, () =>
    [`Runbook ${runbook} goes on.`, `Show what it found with: ${next}`].join('\n'),
  );
}

/** Whether the latest run has ended: its report is written, or the record has the reason why there is none. */
const isReported = ({ incidentId, runs, running, report, unsent }: IncidentRecord): boolean =>
  !running && (unsent !== undefined || report?.markdownKey === incidentKey(incidentId, runs, 'report.md'));

/** Of a runbook that nobody follows any more: a user who left does not wait for an answer that does not come. */
const idOf = (cloud: OpenCloud<'incidents'>, executionArn: string): Promise<string | undefined> =>
  Promise.race([
    incidentOf(cloud, executionArn).then(
      (incident) => incident?.incidentId,
      () => undefined,
    ),
    sleep(LEAVES_WITHIN_MS, undefined),
  ]);

const incidentOf = async ({ incidents }: Pick<OpenCloud, 'incidents'>, executionArn: string) =>
  (await incidents.latestIncidents(LATEST)).find((incident) => incident.executionArn === executionArn);

/** @returns the execution's ARN @throws CommandFailure NoRunbooks */
export async function startRunbook(
  cloud: OpenCloud<'stepFunctions'>,
  runbook: Runbook,
  { dryRun = false, since, fleet }: RunOptions,
): Promise<string> {
  const { installation } = cloud;
  const input: RunbookInput = {
    runbook,
    // An incident of the store concerns every fleet, unless a person names one.
    ...((fleet !== undefined || runbook === 'logged-out') && cloud.fleet !== STORE_PART && { fleet: cloud.fleet }),
    dryRun,
    ...(since !== undefined && { fromMs: since }),
    sign: { from: 'person', state: 'ALARM', atMs: Date.now() },
  };
  const stateMachineArn = regionalArn('states', cloud, `stateMachine:${runbookStateMachineName(installation)}`);
  return startExecution(cloud.stepFunctions, stateMachineArn, input, [
    'NoRunbooks',
    'Set "incidents": {"enabled": true} in the configuration and run "npx --no cdk deploy --all", or choose another installation with --installation.',
  ]);
}
