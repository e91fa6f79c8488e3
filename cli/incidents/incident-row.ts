/** An incident in a row, for the console and for what is wrong now. Texts are those of the report. Pure. */
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { aboutText, findingText, incidentState } from '../../functions/incidents/report/incident-row.ts';
import { durationText } from '../../functions/shared/texts.ts';

export interface IncidentRow {
  readonly incidentId: string;
  readonly runbook: string;
  /** `fleet web`, `every fleet`, or `the session store` */
  readonly about: string;
  readonly state: string;
  readonly open: boolean;
  readonly dryRun: boolean;
  readonly finding: string;
  readonly openedAtMs: number;
  readonly duration: string;
}

/** The latest that are read. */
export const MAX_INCIDENTS = 50;

export function incidentRow(incident: IncidentRecord, nowMs: number): IncidentRow {
  const { incidentId, runbook, openedAtMs, closedAtMs } = incident;
  return {
    incidentId,
    runbook,
    about: aboutText(incident),
    state: incidentState(incident),
    open: closedAtMs === undefined,
    dryRun: incident.dryRun === true,
    finding: findingText(incident),
    openedAtMs,
    duration: durationText((closedAtMs ?? nowMs) - openedAtMs),
  };
}
