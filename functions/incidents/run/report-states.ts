/** What of an incident can change after its report was stored. Pure. */
import { createHash } from 'node:crypto';
import type { IncidentRecord } from '../contract/incident.ts';

/**
 * A digest of what a report says of an incident's end: the states of its mitigations, and whether it is closed. By content, since the
 * clocks of functions differ.
 */
export function reportedStates({ mitigations, closedAtMs }: Pick<IncidentRecord, 'mitigations' | 'closedAtMs'>): string {
  const states = Object.entries(mitigations).map(([key, record]) => `${key} ${record?.state} ${record?.finishedAtMs}`);
  return createHash('sha256')
    .update([`closed ${closedAtMs}`, ...states.toSorted()].join('\n'))
    .digest('hex')
    .slice(0, 16);
}

/** Whether its report says something that is over, or nothing of its end. False while a runbook works on it, which reports in its turn. */
export const isReportStale = (incident: IncidentRecord): boolean =>
  incident.running === undefined && incident.reported !== undefined && incident.reported !== reportedStates(incident);
