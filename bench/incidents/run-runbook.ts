/** Runs one runbook as a person would: asks for it, reads what it found and from what, and approves what waits for a yes. */
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Cloud } from '../../cli/cloud.ts';
import { sendDecision } from '../../cli/commands/decide-incident.ts';
import type { Evidence } from '../../functions/incidents/contract/evidence.ts';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { incidentKey, runbookStateMachineName } from '../../functions/incidents/contract/names.ts';
import type { RunbookInput } from '../../functions/incidents/contract/steps.ts';

/** Each source has up to 75 s, and they run side by side; mitigations and the report take seconds. */
const RUN_LIMIT_MS = 240_000;
const POLL_MS = 500;

export interface RunbookRun {
  readonly incident: IncidentRecord;
  readonly evidence: Evidence | undefined;
  /** When the finding was on record. */
  readonly foundAtMs: number;
}

type Asked = Extract<RunbookInput, { runbook: unknown }>;

/** An alarm of the same kind may have started the runbook already: then another run steps aside, and is started again. */
const MOST_STARTS = 12;
const PAUSE_MS = 10_000;

/** @throws Error with a sentence when the execution fails, or leaves no incident on record */
export async function runRunbook(cloud: Cloud, input: Asked): Promise<RunbookRun> {
  for (let start = 0; start < MOST_STARTS; start += 1) {
    const run = await runOnce(cloud, input);
    if (run) return { ...run, evidence: await readEvidence(cloud, run.incident) };
    await sleep(PAUSE_MS);
  }
  throw new Error(`${MOST_STARTS} executions stepped aside for another one`);
}

async function runOnce(cloud: Cloud, input: Asked): Promise<Omit<RunbookRun, 'evidence'> | undefined> {
  const { region, account, installation, stepFunctions, incidents } = cloud;
  const { executionArn = '' } = await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: `arn:aws:states:${region}:${account}:stateMachine:${runbookStateMachineName(installation)}`,
      input: JSON.stringify(input),
    }),
  );
  const endsAtMs = Date.now() + RUN_LIMIT_MS;
  let foundAtMs: number | undefined;
  while (Date.now() < endsAtMs) {
    const { status, error = '', cause = '' } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    const latest = await incidents.latestIncidents(10);
    const incident = latest.find((one) => one.executionArn === executionArn);
    const trouble = incident?.troubles?.find((sentence) => sentence.startsWith(`run ${incident.runs}: the stage`));
    if (trouble !== undefined) throw new Error(trouble);
    if (incident && hasFinding(incident)) foundAtMs ??= Date.now();
    // The execution may go on after its report: it looks after what bridges an outage.
    if (incident && foundAtMs !== undefined && !incident.running) return { incident, foundAtMs };
    if (status === 'SUCCEEDED') return undefined;
    if (status !== 'RUNNING') throw new Error(`its execution ended ${status}: ${error} ${cause.slice(0, 300)}`);
    // A run that an alarm has started is approved too: it would keep this one waiting.
    for (const one of latest) await approveWaiting(cloud, one);
    await sleep(POLL_MS);
  }
  throw new Error(`its execution has not ended after ${RUN_LIMIT_MS / 1_000} s`);
}

/** An incident that several runs have joined keeps the finding of the one before until this one has its own. */
const hasFinding = ({ stage, finding }: IncidentRecord): boolean =>
  finding !== undefined && stage !== 'collecting' && stage !== 'classifying';

/** As a person does with `holdfast incidents approve`. */
async function approveWaiting(cloud: Cloud, { incidentId, mitigations }: IncidentRecord): Promise<void> {
  for (const [mitigation, record] of Object.entries(mitigations)) {
    if (record?.state !== 'waitingForApproval') continue;
    // A yes that comes too late changes nothing, and the run's own limit names what still waits.
    await sendDecision(cloud, { id: incidentId, mitigation, run: record.run, decision: 'approve' }).catch(() => undefined);
  }
}

async function readEvidence({ s3, releasesBucket }: Cloud, { incidentId, runs }: IncidentRecord): Promise<Evidence | undefined> {
  try {
    const Key = incidentKey(incidentId, runs, 'evidence.json');
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: releasesBucket, Key }));
    return JSON.parse((await Body?.transformToString()) ?? '') as Evidence;
  } catch {
    return undefined;
  }
}
