import type { Executions } from '../../shared/aws/executions.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { RunbookInput } from '../contract/steps.ts';
import type { IncidentRecords } from '../records/incident-records.ts';
import { decideRecheck } from './decide-recheck.ts';

export interface StartRecheckPorts {
  readonly records: Pick<IncidentRecords, 'getIncident' | 'change'>;
  readonly executions: Pick<Executions, 'startOnce'>;
  readonly stateMachineArn: string;
  readonly now: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
}

/**
 * Re-checks of several incidents share CloudTrail's two calls a second: one makes its 16 calls within 10 s, and the next one begins after
 * that. Ten of them take two of the function's five minutes; the others come with the next turn.
 */
export const BETWEEN_LOOKS_MS = 12_000;
const MOST_LOOKS = 10;

/** Starts the re-checks that are due, those first that have waited longest. @returns the ids of their incidents */
export async function startRechecks(ports: StartRecheckPorts, open: readonly IncidentRecord[]): Promise<readonly string[]> {
  const { now, pause } = ports;
  const due = open
    .filter((incident) => incident.closedAtMs === undefined && decideRecheck(incident, now()) !== undefined)
    .toSorted((a, b) => lastSeenMs(a) - lastSeenMs(b))
    .slice(0, MOST_LOOKS);
  const started: string[] = [];
  for (const { incidentId } of due) {
    if (started.length > 0) await pause(BETWEEN_LOOKS_MS);
    if (await startRecheck(ports, incidentId)) started.push(incidentId);
  }
  return started;
}

const lastSeenMs = ({ looked, lastRunAtMs = 0 }: IncidentRecord): number => Math.max(looked?.atMs ?? 0, lastRunAtMs);

/** Starts the re-check that is due at one incident. It is read again, since re-checks are apart by seconds. The re-check is on record before it starts: a start whose answer was lost is one look less, and never one more. */
export async function startRecheck(
  { records, executions, stateMachineArn, now }: Omit<StartRecheckPorts, 'pause'>,
  incidentId: string,
): Promise<boolean> {
  const incident = await records.getIncident(incidentId);
  const looked = incident && incident.closedAtMs === undefined ? decideRecheck(incident, now()) : undefined;
  if (looked === undefined || (await records.change(incidentId, { looked })) === undefined) return false;
  const input: RunbookInput = { incidentId, look: looked.number };
  return executions.startOnce(stateMachineArn, `${incidentId}-look-${looked.number}`, input);
}
