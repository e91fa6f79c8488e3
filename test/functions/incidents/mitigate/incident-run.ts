/** One run of a runbook, and the step that carries out its mitigations. */
import type { RunContext } from '../../../../functions/incidents/contract/steps.ts';
import type { MitigatePorts } from '../../../../functions/incidents/mitigate/carry-out.ts';
import { createMitigate } from '../../../../functions/incidents/mitigate/mitigation-steps.ts';
import { memoryIncidentRecords } from '../memory-incident-records.ts';

export const ID = 'inc-000000000001';
const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:holdfast-runbook';
export const EXECUTION_ARN = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${ID}-1`;

export const RUN: RunContext = {
  ...{ incidentId: ID, runbook: 'logged-out', fleets: ['web'], fromMs: 0, toMs: 1, firstSignMs: 1, run: 1, dryRun: false },
  executionArn: EXECUTION_ARN,
};

/** Records in which the run has begun. */
export async function recordsOfRun() {
  const records = memoryIncidentRecords();
  await records.ensureIncident({ incidentId: ID, fingerprint: 'logged-out', runbook: 'logged-out', openedAtMs: 1 });
  await records.beginRun(ID, 1, EXECUTION_ARN, 1);
  return records;
}

export const serveMitigations = (ports: Omit<MitigatePorts, 'log' | 'stateMachineArn'>) =>
  createMitigate({ ...ports, log: { info: () => {}, warn: () => {} }, stateMachineArn });
