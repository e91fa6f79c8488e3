/** Incidents as the page shows them. Texts are those of the CLI and the report. */

import { z } from 'zod';
import { type IncidentRow, incidentRow, MAX_INCIDENTS } from '../cli/incidents/incident-row.ts';
import { readIncident } from '../cli/incidents/incidents.ts';
import { startRunbook } from '../cli/incidents/run-runbook.ts';
import type { OpenCloud } from '../cli/open-stores.ts';
import { RUNBOOKS } from '../functions/incidents/contract/causes.ts';
import type { IncidentPage } from '../functions/incidents/report/incident-page.ts';
import type { ConsoleCloud } from './backend.ts';
import { parseInput } from './parse-input.ts';

export interface IncidentsView {
  readonly fleet: string;
  readonly incidents: readonly IncidentRow[];
}

export interface IncidentView {
  readonly page: IncidentPage;
}

export async function readIncidents(
  { incidents, fleet: ownFleet }: Pick<OpenCloud, 'incidents' | 'fleet'>,
  nowMs: number,
): Promise<IncidentsView> {
  const latest = await incidents.latestIncidents(MAX_INCIDENTS);
  return { fleet: ownFleet, incidents: latest.map((incident) => incidentRow(incident, nowMs)) };
}

/** @throws CommandFailure NoSuchIncident, AmbiguousIncident */
export async function readOneIncident(cloud: ConsoleCloud, id: string, nowMs: number): Promise<IncidentView> {
  const { page } = await readIncident(cloud, id, nowMs);
  return { page };
}

const runInput = z.strictObject({ runbook: z.enum(RUNBOOKS) });

/** Like `holdfast incidents run RUNBOOK --dry-run`: the console starts no runbook that changes anything. @throws CommandFailure */
export async function beginDryRun(cloud: ConsoleCloud, body: unknown): Promise<{ readonly executionArn: string }> {
  return { executionArn: await startRunbook(cloud, parseInput(runInput, body).runbook, { dryRun: true }) };
}
