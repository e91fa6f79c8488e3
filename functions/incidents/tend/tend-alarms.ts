/** Finds changes of alarms whose events never came. Pure. */
import type { AlarmReading } from '../../shared/aws/alarms.ts';
import { type AlarmRole, alarmsOfRunbooks, applySign, roleOfAlarm, type SignPorts } from '../alarm/alarm.ts';
import { isQuiet, openingAlarms, PERSON } from '../alarm/episode.ts';
import type { AskWitness } from '../collect/collect-store.ts';
import { CHECKS_PER_COMPARISON, TEND_MINUTES } from '../contract/environment.ts';
import type { IncidentRecord, Sign } from '../contract/incident.ts';
import type { Witnessed } from '../contract/store-facts.ts';
import { fingerprintOf, type IncidentPointer, type IncidentRecords } from '../records/incident-records.ts';

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

/** An event comes within seconds, and is repeated for some minutes: what is newer is left to it. */
const EVENT_MS = 60_000;
/** A runbook looks back this far too: an alarm that has been on for days is not evidence of what began now. */
const LOOKS_BACK_MS = 3_600_000;
const LONGEST_REASON = 300;

type Known = IncidentRecord['alarms'][string] | undefined;

/** @param alarm undefined for one that no longer exists @returns undefined when the record is right, or an event can still come */
export function missedSign(from: string, known: Known, alarm: AlarmReading | undefined, readAtMs: number): Sign | undefined {
  const state = stateOf(alarm);
  if (known?.state === state || (known === undefined && state !== 'ALARM')) return undefined;
  // A time in the future counts as now.
  const changedAtMs = Math.min(alarm?.changedAtMs ?? readAtMs, readAtMs);
  const text = alarm === undefined ? 'the alarm no longer exists' : alarm.reason;
  const sign = { from, state, ...(text !== undefined && { reason: text.slice(0, LONGEST_REASON) }) };
  if (alarm !== undefined && readAtMs - changedAtMs < EVENT_MS) return undefined;
  if (known === undefined || known.atMs < changedAtMs) return { ...sign, atMs: changedAtMs };
  // The record has a later change than the alarm: it was written in this very moment, or by a reading that is wrong by now.
  return readAtMs - known.atMs < EVENT_MS ? undefined : { ...sign, atMs: readAtMs };
}

const stateOf = (alarm: AlarmReading | undefined): Sign['state'] =>
  alarm === undefined ? 'OK' : alarm.state === 'ALARM' || alarm.state === 'OK' ? alarm.state : 'INSUFFICIENT_DATA';

export interface KnownIncidents {
  readonly installation: string;
  readonly fleets: readonly string[];
  readonly open: readonly IncidentRecord[];
  readonly closedAtMs: Readonly<Record<string, number>>;
}

export type Missed = { readonly sign: Sign; readonly role: AlarmRole };

/** Alarms that fire although no open incident knows it, and those that fire no longer although one believes it. */
export function missedSigns(
  { installation, fleets, open, closedAtMs }: KnownIncidents,
  alarms: Readonly<Record<string, AlarmReading>>,
  names: readonly string[],
  readAtMs: number,
): readonly Missed[] {
  return names.flatMap((name) => {
    const role = roleOfAlarm(name, installation, fleets) ?? roleOnRecord(name, open);
    if (role === undefined) return [];
    const { meaning } = role;
    const concerned = open.filter((incident) => concerns(role, incident));
    if (concerned.length === 0) {
      const sign = 'opens' in meaning ? missedSign(name, undefined, alarms[name], readAtMs) : undefined;
      if (sign === undefined || !('opens' in meaning)) return [];
      // It fires still: its incident was closed too early.
      const isBeforeEnd = sign.atMs <= (closedAtMs[fingerprintOf(meaning.opens, role.fleet)] ?? 0);
      return [{ sign: isBeforeEnd ? { ...sign, atMs: readAtMs } : sign, role }];
    }
    for (const incident of concerned) {
      const sign = missedSign(name, incident.alarms[name], alarms[name], readAtMs);
      const isOld = 'joins' in meaning && incident.alarms[name] === undefined && sign && sign.atMs < incident.openedAtMs - LOOKS_BACK_MS;
      if (sign && !isOld) return [{ sign, role }];
    }
    return [];
  });
}

/** Whether an alarm opens or joins the incident. One of the store concerns the incidents of all fleets only. */
function concerns({ meaning, fleet }: AlarmRole, incident: IncidentRecord): boolean {
  const runbooks = 'opens' in meaning ? [meaning.opens] : meaning.joins;
  if (!runbooks.includes(incident.runbook) || incident.dryRun) return false;
  return 'opens' in meaning ? incident.fleet === fleet : incident.fleet === undefined || incident.fleet === fleet;
}

/** The fleet can be one that the installation no longer has: its alarms are gone, and its incident still waits for them. */
function roleOnRecord(name: string, open: readonly IncidentRecord[]): AlarmRole | undefined {
  const incident = open.find(({ alarms }) => alarms[name] !== undefined);
  if (incident === undefined) return undefined;
  const meaning = incident.alarms[name]?.joins ? { joins: [incident.runbook] } : { opens: incident.runbook };
  return { meaning, ...(incident.fleet !== undefined && { fleet: incident.fleet }) };
}

/** What `quietSinceMs` should be by the incident's alarms; null: it should be absent. Undefined: it is right. */
export function quietCorrection(incident: IncidentRecord): number | null | undefined {
  const alarms = openingAlarms(incident);
  // The quiet period of an incident without an opening alarm begins with the end of its runbook, which has set the time.
  if (incident.running || alarms.length === 0) return undefined;
  const quiet = isQuiet(incident);
  if (quiet === (incident.quietSinceMs !== undefined)) return undefined;
  return quiet ? Math.max(incident.openedAtMs, ...alarms.map(({ atMs }) => atMs)) : null;
}

export interface TendAlarmsPorts extends SignPorts {
  readonly readAlarms: (names: readonly string[]) => Promise<Readonly<Record<string, AlarmReading>>>;
  readonly installation: string;
  readonly fleets: readonly string[];
}

/** An event can be lost, or its function die half-way. @returns `ALARM STATE` of each that was caught up with, and what began */
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
