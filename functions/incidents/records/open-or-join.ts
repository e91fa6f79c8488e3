import { createHash } from 'node:crypto';
import { TransientServiceError } from '../../shared/errors.ts';
import type { Runbook } from '../contract/causes.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { IncidentPointer, IncidentRecords } from './incident-records.ts';

/** Each lost race means that another alarm has opened, or opened again, the same incident. */
const MOST_ATTEMPTS = 5;

export const fingerprintOf = (runbook: Runbook, fleet: string | undefined): string =>
  fleet === undefined ? runbook : `${runbook}/${fleet}`;

export const incidentIdOf = (fingerprint: string, openedAtMs: number): string =>
  `inc-${createHash('sha256').update(`${fingerprint} ${openedAtMs}`).digest('hex').slice(0, 12)}`;

export interface OpenRequest {
  readonly runbook: Runbook;
  readonly fleet: string | undefined;
  /** When the sign that opens the incident appeared, in milliseconds since the epoch. */
  readonly atMs: number;
  readonly coolDownMs: number;
}

type PointerRecords = Pick<IncidentRecords, 'getPointer' | 'putPointer' | 'ensureIncident' | 'change'>;

/**
 * The open incident of a runbook and a fleet. One that was closed less than the cool-down ago opens again; otherwise there is a new one.
 * @returns undefined for a sign from before the incident was closed: an event that came again, or late
 */
export async function openOrJoin(records: PointerRecords, request: OpenRequest): Promise<IncidentRecord | undefined> {
  const { runbook, fleet, atMs, coolDownMs } = request;
  const fingerprint = fingerprintOf(runbook, fleet);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const seen = await records.getPointer(fingerprint);
    if (seen && seen.closedAtMs === undefined) return records.ensureIncident(seen);
    if (seen?.closedAtMs !== undefined && atMs <= seen.closedAtMs) return undefined;
    if (seen?.closedAtMs !== undefined && atMs - seen.closedAtMs < coolDownMs) {
      const { closedAtMs: _, ...open } = seen;
      if (!(await records.putPointer(open, seen))) continue;
      await records.ensureIncident(open);
      return records.change(open.incidentId, { stage: 'watching' }, { remove: ['closedAtMs', 'quietSinceMs'] });
    }
    const pointer: IncidentPointer = {
      incidentId: incidentIdOf(fingerprint, atMs),
      fingerprint,
      runbook,
      ...(fleet !== undefined && { fleet }),
      openedAtMs: atMs,
    };
    if (await records.putPointer(pointer, seen)) return records.ensureIncident(pointer);
  }
  throw new TransientServiceError(new Error(`the incident of ${fingerprint} was opened and closed ${MOST_ATTEMPTS} times meanwhile`));
}
