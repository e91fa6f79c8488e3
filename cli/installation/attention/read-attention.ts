/** What is wrong now, for status and for the strip of every page of the console: alarms in ALARM, open incidents, a store out of reach. */

import type { Cloud } from '../../cloud.ts';
import { type IncidentRow, incidentRow, MAX_INCIDENTS } from '../../incidents/incident-row.ts';
import type { Stores } from '../../open-stores.ts';
import { type AlarmStatus, type AlarmView, alarmView, worstFirst } from './alarm-view.ts';

export interface Attention {
  /** Worst first, the installation's own. Alarms of others, such as those of a scaling policy, fire in normal operation. */
  readonly alarms: readonly AlarmView[];
  /** Without dry runs, which nobody has to act on. */
  readonly incidents: readonly IncidentRow[];
  /** No primary of the store has answered the collector since then; absent while one does. */
  readonly storeUnreachable?: { readonly sinceMs: number };
  /** Sentences about what could not be read. */
  readonly unread?: readonly string[];
}

export interface AttentionSource {
  readonly cloud: Pick<Cloud, 'installation'> & {
    readonly incidents: Pick<Stores['incidents'], 'latestIncidents'>;
    readonly store: Stores['store'];
  };
  listAlarms(): Promise<readonly AlarmStatus[]>;
}

export async function readAttention({ cloud, listAlarms }: AttentionSource, nowMs: number): Promise<Attention> {
  const [alarms, incidents, reading, seen] = await Promise.all([
    listAlarms(),
    cloud.incidents.latestIncidents(MAX_INCIDENTS),
    cloud.store.getStore(),
    cloud.store.getUnreachable(),
  ]);
  // Another installation of the account has people and a console of its own.
  const isOwn = ({ name }: AlarmStatus) => name.startsWith(`${cloud.installation}-`);
  // A later reading has ended it.
  const isUnreachable = seen !== undefined && seen.seenAtMs > (reading?.reading.takenAtMs ?? 0);
  return {
    alarms: worstFirst(alarms.filter(isOwn).map(alarmView)).filter(({ state, severity }) => state === 'ALARM' && severity !== undefined),
    incidents: incidents.map((incident) => incidentRow(incident, nowMs)).filter(({ open, dryRun }) => open && !dryRun),
    ...(isUnreachable && { storeUnreachable: { sinceMs: seen.sinceMs } }),
  };
}
