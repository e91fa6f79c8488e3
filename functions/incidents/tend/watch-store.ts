/** Between two turns, while an alarm is on: once a minute, whether the store works from the fleet's side. */
import { isQuiet } from '../alarm/episode.ts';
import type { AskWitness } from '../collect/collect-store.ts';
import { TEND_MINUTES } from '../contract/environment.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { Witnessed } from '../contract/store-facts.ts';
import type { IncidentRecords } from '../records/incident-records.ts';

export interface WatchStorePorts {
  readonly records: Pick<IncidentRecords, 'pointers' | 'getIncident' | 'change'>;
  readonly askWitness: AskWitness;
  readonly fleets: readonly string[];
  readonly pause: (ms: number) => Promise<unknown>;
  readonly now: () => number;
}

const MINUTE_MS = 60_000;
/** The function has five minutes, and one answer takes up to 15 s; the next turn asks from then on. */
const LONGEST_MS = TEND_MINUTES * MINUTE_MS - 40_000;
/** Of one incident: twenty minutes of four fleets are some 20 KB. */
const KEPT = 80;

/** Asks nobody, and ends, while no incident has an alarm that is on. @param beganMs when the turn began */
export async function watchStore(ports: WatchStorePorts, beganMs: number): Promise<void> {
  const { records, fleets, now, pause } = ports;
  if (fleets.length === 0) return;
  for (let atMs = now(); ; atMs += MINUTE_MS) {
    const open = (await records.pointers()).filter(({ closedAtMs }) => closedAtMs === undefined);
    const incidents = await Promise.all(open.map(({ incidentId }) => records.getIncident(incidentId)));
    const on = incidents.filter((one) => one !== undefined && !one.dryRun && !isQuiet(one)) as IncidentRecord[];
    if (on.length === 0) return;
    const concerned = fleets.filter((name) => on.some(({ fleet }) => fleet === undefined || fleet === name));
    const found: Witnessed[] = [];
    for (const fleet of concerned) if (now() - beganMs <= LONGEST_MS) await askOne(ports, fleet, found);
    for (const { incidentId, fleet, witnessed = [] } of on) {
      const own = found.filter((one) => fleet === undefined || one.fleet === fleet);
      if (own.length > 0) await records.change(incidentId, { witnessed: [...witnessed, ...own].slice(-KEPT) });
    }
    if (atMs + MINUTE_MS - beganMs > LONGEST_MS) return;
    await pause(Math.max(0, atMs + MINUTE_MS - now()));
  }
}

async function askOne({ askWitness }: WatchStorePorts, fleet: string, found: Witnessed[]): Promise<void> {
  try {
    found.push(await askWitness(fleet));
  } catch {
    // The next minute asks again; a run of the runbook names the reason.
  }
}
