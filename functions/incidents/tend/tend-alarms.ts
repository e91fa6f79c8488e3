import type { AlarmReading } from '../../shared/aws/alarms.ts';
import { applySign, type SignPorts } from '../alarm/alarm.ts';
import { PERSON } from '../alarm/episode.ts';
import { alarmsOfRunbooks } from '../alarm/role-of-alarm.ts';
import { CHECKS_PER_COMPARISON, TEND_MINUTES } from '../contract/tend-limits.ts';
import type { IncidentPointer } from '../records/incident-records.ts';
import { missedSigns, quietCorrection } from './compare-alarms.ts';

export interface TendAlarmsPorts extends SignPorts {
  /** States of alarms by name; those that do not exist are missing. */
  readonly readAlarms: (names: readonly string[]) => Promise<Readonly<Record<string, AlarmReading>>>;
  readonly installation: string;
  readonly fleets: readonly string[];
}

/**
 * Opens, joins and quietens what an event should have: it can be lost, or the function that handled it can have died half-way.
 * Each alarm of a runbook is read once, a hundred by one call; while no incident is open, only every third time.
 * @returns `ALARM STATE` of each that was caught up with, and the incidents whose runbook was started by it
 */
export async function tendAlarms(
  ports: TendAlarmsPorts,
  pointers: readonly IncidentPointer[],
): Promise<{ readonly caughtUp: readonly string[]; readonly started: readonly string[] }> {
  const { records, readAlarms, installation, fleets, now } = ports;
  const open = await Promise.all(
    pointers.filter(({ closedAtMs, dryRun }) => closedAtMs === undefined && !dryRun).map((pointer) => records.ensureIncident(pointer)),
  );
  const known = open.flatMap(({ alarms }) => Object.keys(alarms)).filter((name) => name !== PERSON);
  const names = [...new Set([...alarmsOfRunbooks(installation, fleets), ...known])];
  const readAtMs = now();
  const isDue = Math.floor(readAtMs / (TEND_MINUTES * 60_000)) % CHECKS_PER_COMPARISON === 0;
  if (open.length === 0 && !isDue) return { caughtUp: [], started: [] };
  const alarms = await readAlarms(names);
  const closedAtMs = Object.fromEntries(pointers.map(({ fingerprint, closedAtMs = 0 }) => [fingerprint, closedAtMs]));
  const caughtUp: string[] = [];
  const started: string[] = [];
  for (const { sign, role } of missedSigns({ installation, fleets, open, closedAtMs }, alarms, names, readAtMs)) {
    const { outcome, incidentIds = [] } = await applySign(ports, role, sign);
    if (outcome === 'started') started.push(...incidentIds);
    if (outcome === 'joined' || outcome === 'started') caughtUp.push(`${sign.from} ${sign.state}`);
  }
  for (const { incidentId } of open) {
    const incident = await records.getIncident(incidentId);
    const quietSinceMs = incident && quietCorrection(incident);
    if (quietSinceMs === null) await records.change(incidentId, {}, { remove: ['quietSinceMs'] });
    else if (quietSinceMs !== undefined) await records.change(incidentId, { quietSinceMs });
  }
  return { caughtUp, started };
}
