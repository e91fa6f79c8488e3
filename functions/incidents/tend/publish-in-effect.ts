/** What has bridged an outage for long: no server is replaced, no deploy starts, or users see the page meanwhile. */
import type { IncidentRecord } from '../contract/incident.ts';
import { LONG_IN_EFFECT_MINUTES } from '../contract/tend.ts';
import type { IncidentPointer, IncidentRecords } from '../records/incident-records.ts';
import { isTemporary, mitigationsOf } from './end-temporary.ts';

export interface InEffectPorts {
  readonly records: Pick<IncidentRecords, 'getIncident'>;
  readonly publishInEffect: (count: number) => void;
  readonly now: () => number;
}

/** Of these incidents' mitigations, over all fleets. Pure. */
export const countInEffect = (incidents: readonly IncidentRecord[], nowMs: number): number =>
  incidents
    .flatMap(mitigationsOf)
    .filter(
      ([, record]) => isTemporary(record) && record.actedAtMs !== undefined && nowMs - record.actedAtMs >= LONG_IN_EFFECT_MINUTES * 60_000,
    ).length;

/** Publishes nothing while nothing is. */
export async function publishInEffect(
  { records, publishInEffect: publish, now }: InEffectPorts,
  pointers: readonly IncidentPointer[],
): Promise<void> {
  const open = pointers.filter(({ closedAtMs }) => closedAtMs === undefined);
  const incidents = await Promise.all(open.map(({ incidentId }) => records.getIncident(incidentId)));
  const count = countInEffect(
    incidents.filter((incident) => incident !== undefined),
    now(),
  );
  if (count > 0) publish(count);
}
