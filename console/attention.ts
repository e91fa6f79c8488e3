/** What is wrong now, for the strip of every page: Holdfast's own alarms in ALARM, and open incidents. */

import { type AlarmView, alarmView, worstFirst } from './alarms.ts';
import type { Backend } from './backend.ts';
import type { IncidentRow } from './incidents.ts';
import { readIncidents } from './incidents.ts';

export interface Attention {
  /** Worst first. Alarms of others, such as those of a scaling policy, fire in normal operation. */
  readonly alarms: readonly AlarmView[];
  /** Without dry runs, which nobody has to act on. */
  readonly incidents: readonly IncidentRow[];
}

export async function readAttention(backend: Pick<Backend, 'cloud' | 'listAlarms'>, nowMs: number): Promise<Attention> {
  const [alarms, { incidents }] = await Promise.all([backend.listAlarms(), readIncidents(backend.cloud, nowMs)]);
  return {
    alarms: worstFirst(alarms.map(alarmView)).filter(({ state, severity }) => state === 'ALARM' && severity !== undefined),
    incidents: incidents.filter(({ open, dryRun }) => open && !dryRun),
  };
}
