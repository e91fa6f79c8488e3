/** What has bridged an outage for long: no server is replaced, or users see the page meanwhile. */
import type { IncidentRecord } from '../contract/incident.ts';
import { LONG_IN_EFFECT_MINUTES } from '../contract/tend-limits.ts';
import { mitigationsOf } from '../report/mitigations-of.ts';
import { isTemporary } from './end-temporary.ts';

export interface InEffectPorts {
  readonly publishInEffect: (count: number) => void;
  readonly now: () => number;
}

/** How many mitigations of these incidents are in effect, over all fleets. Pure. */
export const countInEffect = (incidents: readonly IncidentRecord[], nowMs: number): number =>
  incidents
    .flatMap(mitigationsOf)
    .filter(
      ([, record]) => isTemporary(record) && record.actedAtMs !== undefined && nowMs - record.actedAtMs >= LONG_IN_EFFECT_MINUTES * 60_000,
    ).length;

/** Publishes nothing while nothing is. */
export function publishInEffect({ publishInEffect: publish, now }: InEffectPorts, open: readonly IncidentRecord[]): void {
  const count = countInEffect(open, now());
  if (count > 0) publish(count);
}
