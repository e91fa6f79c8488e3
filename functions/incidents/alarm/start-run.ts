import type { Executions } from '../../shared/aws/executions.ts';
import type { MitigationKey } from '../contract/mitigations.ts';
import type { RunbookInput } from '../contract/steps.ts';
import type { IncidentRecords } from '../records/incident-records.ts';
import { decideRecheck } from './decide-recheck.ts';

/** The first, and two for executions that ended before their run was on record: the step that begins it failed for a minute or more. */
const MOST_ATTEMPTS = 3;

export interface StartPorts {
  readonly executions: Pick<Executions, 'startOnce'>;
  readonly stateMachineArn: string;
}

/**
 * Starts a run of an incident's runbook, once, however often it is called: an execution that runs is found by its name, and a run that
 * is on record begins no second time.
 * @returns false when each attempt has ended without a run
 */
export async function startRun({ executions, stateMachineArn }: StartPorts, incidentId: string, run: number): Promise<boolean> {
  const input: RunbookInput = { incidentId, run };
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const name = attempt === 1 ? `${incidentId}-${run}` : `${incidentId}-${run}-${attempt}`;
    if (await executions.startOnce(stateMachineArn, name, input)) return true;
  }
  return false;
}

/**
 * Starts the runbook for a mitigation that a person has asked for, once, however often it is called.
 * @returns false when the execution of this request has ended
 */
export function startMitigation(
  { executions, stateMachineArn }: StartPorts,
  incidentId: string,
  key: MitigationKey,
  requestedAtMs: number,
): Promise<boolean> {
  const input: RunbookInput = { incidentId, do: key };
  return executions.startOnce(stateMachineArn, `${incidentId}-do-${key.replace('@', '-')}-${requestedAtMs}`, input);
}

interface RecheckPorts extends StartPorts {
  readonly records: Pick<IncidentRecords, 'getIncident' | 'change'>;
  readonly now: () => number;
}

/** Starts the re-check that is due at one incident, which is on record before it starts: a start whose answer was lost is one look less, and never one more. */
export async function startRecheck({ records, executions, stateMachineArn, now }: RecheckPorts, incidentId: string): Promise<boolean> {
  const incident = await records.getIncident(incidentId);
  const looked = incident && incident.closedAtMs === undefined ? decideRecheck(incident, now()) : undefined;
  if (looked === undefined || (await records.change(incidentId, { looked })) === undefined) return false;
  const input: RunbookInput = { incidentId, look: looked.number };
  return executions.startOnce(stateMachineArn, `${incidentId}-look-${looked.number}`, input);
}
