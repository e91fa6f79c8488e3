/** Follows one run of a runbook, started by a person or by an alarm. */

import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Cloud } from '../../../cli/cloud.ts';
import type { OpenCloud } from '../../../cli/open-stores.ts';
import type { Runbook } from '../../../functions/incidents/contract/causes.ts';
import { runbookStateMachineName } from '../../../functions/incidents/contract/environment.ts';
import type { IncidentRecord } from '../../../functions/incidents/contract/incident.ts';
import type { RunbookInput } from '../../../functions/incidents/contract/steps.ts';
import { regionalArn } from '../../../functions/shared/aws/partition.ts';

/** Each source has up to 75 s, and four of twelve run side by side; mitigations and the report take seconds. */
const RUN_LIMIT_MS = 300_000;
/** Two evaluations of an alarm that looks at minutes, with up to a minute until a reading, and as much again. */
const ALARM_LIMIT_MS = 240_000;
const POLL_MS = 500;
const LATEST = 10;

export interface RunbookRun {
  readonly incident: IncidentRecord;
  /** When the finding was on record. */
  readonly foundAtMs: number;
}

type Asked = Extract<RunbookInput, { runbook: unknown }>;

/** An alarm of the same kind may have started the runbook already: then another run steps aside, and is started again. */
const MOST_STARTS = 12;
const PAUSE_MS = 10_000;

type RunbookCloud = OpenCloud<'incidents' | 'stepFunctions'>;

/** Asks for a runbook. @throws Error with a sentence when the execution fails, or leaves no incident on record */
export async function runRunbook(cloud: RunbookCloud, input: Asked): Promise<RunbookRun> {
  const { installation, stepFunctions } = cloud;
  const stateMachineArn = regionalArn('states', cloud, `stateMachine:${runbookStateMachineName(installation)}`);
  for (let start = 0; start < MOST_STARTS; start += 1) {
    const { executionArn = '' } = await stepFunctions.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
    const run = await followRun(cloud, executionArn);
    if (run) return run;
    await sleep(PAUSE_MS);
  }
  throw new Error(`${MOST_STARTS} executions stepped aside for another one`);
}

/** Waits for the run that an alarm starts. @param alarm its name @throws Error when it does not fire, or its run fails */
export async function awaitAlarm(
  cloud: RunbookCloud,
  { alarm, runbook, sinceMs }: { readonly alarm: string; readonly runbook: Runbook; readonly sinceMs: number },
): Promise<RunbookRun & { readonly firedAtMs: number }> {
  const endsAtMs = Date.now() + ALARM_LIMIT_MS;
  while (Date.now() < endsAtMs) {
    const latest = await cloud.incidents.latestIncidents(LATEST);
    const opened = latest.find((one) => one.runbook === runbook && one.openedAtMs >= sinceMs && one.alarms[alarm] !== undefined);
    if (opened?.executionArn !== undefined) {
      const run = await followRun(cloud, opened.executionArn);
      if (run === undefined) throw new Error(`the execution that ${alarm} started left no finding`);
      return { ...run, firedAtMs: opened.alarms[alarm]?.firedAtMs ?? opened.openedAtMs };
    }
    await sleep(POLL_MS);
  }
  throw new Error(
    `the alarm ${alarm} started no runbook ${runbook} within ${ALARM_LIMIT_MS / 1_000} s: ${await stateOfAlarm(cloud, alarm)}`,
  );
}

/** `it is ALARM since 2026-11-22T08:12:01.000Z`: one that was on before its case begins no incident of it. */
async function stateOfAlarm({ client }: Cloud, alarm: string): Promise<string> {
  const cloudWatch = new CloudWatchClient(client);
  try {
    const { MetricAlarms } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [alarm] }));
    const { StateValue, StateUpdatedTimestamp } = MetricAlarms?.[0] ?? {};
    return `it is ${StateValue ?? 'not there'} since ${StateUpdatedTimestamp?.toISOString() ?? 'an unknown time'}`;
  } finally {
    cloudWatch.destroy();
  }
}

/** @returns undefined when the execution stepped aside for another one */
async function followRun(cloud: RunbookCloud, executionArn: string): Promise<RunbookRun | undefined> {
  const { stepFunctions, incidents } = cloud;
  const endsAtMs = Date.now() + RUN_LIMIT_MS;
  let foundAtMs: number | undefined;
  while (Date.now() < endsAtMs) {
    const { status, error = '', cause = '' } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    const latest = await incidents.latestIncidents(LATEST);
    const incident = latest.find((one) => one.executionArn === executionArn);
    const trouble = incident?.troubles?.find((sentence) => sentence.startsWith(`run ${incident.runs}: the stage`));
    if (trouble !== undefined) throw new Error(trouble);
    if (incident && hasFinding(incident)) foundAtMs ??= Date.now();
    // The execution may go on after its report: it looks after what bridges an outage.
    if (incident && foundAtMs !== undefined && !incident.running) return { incident, foundAtMs };
    if (status === 'SUCCEEDED') return undefined;
    if (status !== 'RUNNING') throw new Error(`its execution ended ${status}: ${error} ${cause.slice(0, 300)}`);
    await sleep(POLL_MS);
  }
  throw new Error(`its execution has not ended after ${RUN_LIMIT_MS / 1_000} s`);
}

/** An incident that several runs have joined keeps the finding of the one before until this one has its own. */
const hasFinding = ({ stage, finding }: IncidentRecord): boolean =>
  finding !== undefined && stage !== 'collecting' && stage !== 'classifying';
