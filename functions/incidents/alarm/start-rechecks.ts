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
 * Re-checks of several incidents share CloudTrail's two calls a second: one makes its 39 calls within 23 s (PAUSE_MS of collect-changes.ts),
 * and the next one begins after that. Six of them take two of the function's five minutes; the others come with the next turn. Runs that
 * alarms start do not wait for each other: what the limit keeps them from looking up is a gap that they name.
 */
export const BETWEEN_LOOKS_MS = 24_000;
const MOST_LOOKS = 6;

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
