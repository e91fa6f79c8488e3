import type { Executions } from '../../shared/aws/executions.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { type FleetAlarm, fleetAlarmName, type StoreAlarm, storeAlarmName } from '../../shared/naming.ts';
import * as z from '../../shared/schema.ts';
import type { Runbook } from '../contract/causes.ts';
import { OLDEST_EVENT_MS } from '../contract/environment.ts';
import type { IncidentRecord, Sign } from '../contract/incident.ts';
import type { MitigationKey } from '../contract/mitigations.ts';
import type { RunbookInput } from '../contract/steps.ts';
import { fingerprintOf, type IncidentRecords, openOrJoin } from '../records/incident-records.ts';
import { withoutClients } from '../report/plain.ts';
import { decideRecheck, firedAtOf, firingsOf, isQuiet } from './episode.ts';

/** `opens`: a runbook of its own starts. `joins`: it is evidence of an incident that is open, and opens none. */
export type AlarmMeaning = { readonly opens: Runbook } | { readonly joins: readonly Runbook[] };

const OF_STORE: Readonly<Partial<Record<StoreAlarm, AlarmMeaning>>> = {
  'hit-rate-drop': { opens: 'logged-out' },
  'active-session-drop': { opens: 'logged-out' },
  'sessions-lost': { opens: 'logged-out' },
  'logins-again': { opens: 'logged-out' },
  'store-unreachable': { opens: 'store-failure' },
  'collector-silent': { opens: 'store-failure' },
  failover: { opens: 'store-failure' },
  'replication-lag': { opens: 'store-failure' },
  'refused-writes': { opens: 'store-failure' },
  'authentication-failures': { opens: 'store-failure' },
  'memory-percent': { opens: 'session-explosion' },
  'time-to-full': { opens: 'session-explosion' },
  evictions: { opens: 'session-explosion' },
  'keys-unrepaired': { opens: 'session-explosion' },
  'keys-without-ttl': { joins: ['session-explosion'] },
  'engine-cpu': { joins: ['store-failure', 'session-explosion'] },
  connections: { joins: ['store-failure', 'session-explosion'] },
};

const OF_FLEET: Readonly<Partial<Record<FleetAlarm, AlarmMeaning>>> = {
  redirects: { opens: 'logged-out' },
  refusals: { opens: 'logged-out' },
  'load-balancer-refusals': { opens: 'logged-out' },
  'logins-repeated': { opens: 'logged-out' },
  'redirect-loop': { opens: 'logged-out' },
  'target-5xx': { opens: 'logged-out' },
  // The re-login page is such an answer: while it is up, an incident is open, which this alarm joins.
  'load-balancer-5xx': { opens: 'logged-out' },
  'unhealthy-hosts': { joins: ['store-failure', 'logged-out'] },
  'target-connection-errors': { joins: ['store-failure', 'logged-out'] },
  'target-p99': { joins: ['store-failure', 'session-explosion'] },
};

export type AlarmRole = { readonly meaning: AlarmMeaning; readonly fleet?: string };

/** By the alarms' names, which are built and compared: a fleet's name can contain hyphens. */
const rolesOf = (installation: string, fleets: readonly string[]): readonly (readonly [name: string, role: AlarmRole])[] => [
  ...Object.entries(OF_STORE).map(([alarm, meaning]) => [storeAlarmName(installation, alarm as StoreAlarm), { meaning }] as const),
  ...fleets.flatMap((fleet) =>
    Object.entries(OF_FLEET).map(
      ([alarm, meaning]) => [fleetAlarmName(installation, fleet, alarm as FleetAlarm), { meaning, fleet }] as const,
    ),
  ),
];

/** At most 20 of the store and of each fleet. */
export const alarmsOfRunbooks = (installation: string, fleets: readonly string[]): readonly string[] =>
  rolesOf(installation, fleets).map(([name]) => name);

export const roleOfAlarm = (alarmName: string, installation: string, fleets: readonly string[]): AlarmRole | undefined =>
  rolesOf(installation, fleets).find(([name]) => name === alarmName)?.[1];

/** The first, and two for executions that ended before their run was on record: the step that begins it failed for a minute or more. */
const MOST_ATTEMPTS = 3;

export type StartPorts = { readonly executions: Pick<Executions, 'startOnce'>; readonly stateMachineArn: string };

/** Starts a run once, however often it is called: an execution is found by its name. @returns false: each attempt has ended without one */
export async function startRun({ executions, stateMachineArn }: StartPorts, incidentId: string, run: number): Promise<boolean> {
  const input: RunbookInput = { incidentId, run };
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt += 1) {
    const name = attempt === 1 ? `${incidentId}-${run}` : `${incidentId}-${run}-${attempt}`;
    if (await executions.startOnce(stateMachineArn, name, input)) return true;
  }
  return false;
}

/** Starts the runbook for a mitigation that a person has asked for. @returns false when the execution of this request has ended */
export function startMitigation(
  { executions, stateMachineArn }: StartPorts,
  incidentId: string,
  key: MitigationKey,
  requestedAtMs: number,
): Promise<boolean> {
  const input: RunbookInput = { incidentId, do: key };
  return executions.startOnce(stateMachineArn, `${incidentId}-do-${key.replace('@', '-')}-${requestedAtMs}`, input);
}

interface RecheckPorts extends StartPorts {
  readonly records: Pick<IncidentRecords, 'getIncident' | 'change'>;
  readonly now: () => number;
}

/** Starts the re-check that is due at one incident, which is on record before it starts: a start whose answer was lost is one look less, and never one more. */
export async function startRecheck({ records, executions, stateMachineArn, now }: RecheckPorts, incidentId: string): Promise<boolean> {
  const incident = await records.getIncident(incidentId);
  const looked = incident && incident.closedAtMs === undefined ? decideRecheck(incident, now()) : undefined;
  if (looked === undefined || (await records.change(incidentId, { looked })) === undefined) return false;
  const input: RunbookInput = { incidentId, look: looked.number };
  return executions.startOnce(stateMachineArn, `${incidentId}-look-${looked.number}`, input);
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html */
const event = z.object({
  source: z.literal('aws.cloudwatch'),
  'detail-type': z.literal('CloudWatch Alarm State Change'),
  time: z.string(),
  detail: z.object({
    alarmName: z.text(1, 255),
    state: z.object({
      value: z.enum(['ALARM', 'OK', 'INSUFFICIENT_DATA']),
      reason: z.optional(z.string()),
      timestamp: z.optional(z.string()),
    }),
  }),
});

const LONGEST_REASON = 300;

export function readAlarmEvent(value: unknown): Sign | { readonly malformed: string } {
  const parsed = event.safeParse(value);
  if (!parsed.success) return { malformed: z.prettifyError(parsed.error).replaceAll('\n', ' ') };
  const { time, detail } = parsed.data;
  const { value: state, timestamp, reason } = detail.state;
  const atMs = timeOf(timestamp) ?? timeOf(time);
  if (atMs === undefined) return { malformed: `its time is not valid: ${JSON.stringify(time).slice(0, 60)}` };
  return { from: detail.alarmName, state, atMs, ...(reason !== undefined && { reason: withoutClients(reason).slice(0, LONGEST_REASON) }) };
}

/** CloudWatch writes the offset without a colon: `2026-11-21T23:00:00.123+0000`. */
function timeOf(text: string | undefined): number | undefined {
  const ms = Date.parse((text ?? '').replace(/([+-]\d\d)(\d\d)$/, '$1:$2'));
  return Number.isFinite(ms) ? ms : undefined;
}

export interface SignPorts extends StartPorts {
  readonly records: IncidentRecords;
  readonly now: () => number;
  readonly coolDownMs: number;
}

export interface AlarmPorts extends SignPorts {
  readonly log: Log;
  readonly installation: string;
  readonly fleets: readonly string[];
}

export interface AlarmReply {
  readonly outcome: 'malformed' | 'ignored' | 'known' | 'joined' | 'started';
  readonly why?: string;
  readonly incidentIds?: readonly string[];
}

/** The answer to a start is on record long before: an incident without a run is one whose start was lost. */
const LOST_START_MS = 30_000;

/** Events come at least once and in any order: each write is conditional, and what an earlier delivery did is found done. */
export function createAlarm(ports: AlarmPorts): (event: unknown) => Promise<AlarmReply> {
  return async (event) => {
    const read = readAlarmEvent(event);
    // A clock that is ahead must not hide the changes that follow.
    const sign = 'malformed' in read ? read : { ...read, atMs: Math.min(read.atMs, ports.now()) };
    const reply = 'malformed' in sign ? { outcome: 'malformed' as const, why: sign.malformed } : await handle(ports, sign);
    const { outcome, why, incidentIds } = reply;
    const fields = { outcome, why, incidentIds, alarm: 'from' in sign ? sign.from : undefined };
    if (outcome === 'malformed') ports.log.warn(LOG_EVENTS.alarmMalformed, fields);
    else ports.log.info(LOG_EVENTS.alarmHandled, fields);
    return reply;
  };
}

async function handle(ports: AlarmPorts, sign: Sign): Promise<AlarmReply> {
  const { installation, fleets, now } = ports;
  const role = roleOfAlarm(sign.from, installation, fleets);
  if (role === undefined) return { outcome: 'ignored', why: 'no runbook is about this alarm' };
  if (now() - sign.atMs > OLDEST_EVENT_MS) return { outcome: 'ignored', why: 'the change is more than an hour old' };
  return applySign(ports, role, sign);
}

export async function applySign(ports: SignPorts, { meaning, fleet }: AlarmRole, sign: Sign): Promise<AlarmReply> {
  const { records } = ports;
  const latest = await records.noteAlarm(sign.from, sign.state, sign.atMs);
  const incidents: IncidentRecord[] = [];
  if (sign.state === 'ALARM' && 'opens' in meaning) {
    const opened = await openOrJoin(records, { runbook: meaning.opens, fleet, atMs: sign.atMs, coolDownMs: ports.coolDownMs });
    if (opened) incidents.push(opened);
  } else {
    incidents.push(...(await openIncidents(records, 'opens' in meaning ? [meaning.opens] : meaning.joins, fleet)));
  }
  if (incidents.length === 0) return { outcome: 'ignored', why: 'it belongs to no open incident' };
  const outcomes: AlarmReply['outcome'][] = [];
  for (const incident of incidents) {
    const isEvidence = !('opens' in meaning);
    outcomes.push(await join(ports, incident, sign, isEvidence));
    // An OK that came before the ALARM that it ends.
    if (latest.atMs > sign.atMs) await join(ports, incident, { from: sign.from, ...latest }, isEvidence);
  }
  const outcome = (['started', 'joined'] as const).find((one) => outcomes.includes(one)) ?? 'known';
  return { outcome, incidentIds: incidents.map(({ incidentId }) => incidentId) };
}

async function openIncidents(records: IncidentRecords, runbooks: readonly Runbook[], fleet: string | undefined) {
  const fingerprints = runbooks.flatMap((runbook) => [
    fingerprintOf(runbook, undefined),
    ...(fleet === undefined ? [] : [fingerprintOf(runbook, fleet)]),
  ]);
  const pointers = await Promise.all(fingerprints.map((fingerprint) => records.getPointer(fingerprint)));
  const open = pointers.filter((pointer) => pointer !== undefined && pointer.closedAtMs === undefined);
  return Promise.all(open.map((pointer) => records.ensureIncident(pointer as NonNullable<typeof pointer>)));
}

async function join(ports: SignPorts, incident: IncidentRecord, sign: Sign, isEvidence: boolean): Promise<AlarmReply['outcome']> {
  const { records, now } = ports;
  const { incidentId } = incident;
  const as = { firedAtMs: firedAtOf(incident, sign), firings: firingsOf(incident, sign), ...(isEvidence && { joins: true as const }) };
  const joined = await records.addSign(incidentId, sign, as);
  if (joined === undefined) {
    const isLost = incident.runs === 0 && now() - incident.openedAtMs > LOST_START_MS && sign.state === 'ALARM';
    if (isLost) await startRun(ports, incidentId, 1);
    return isLost ? 'started' : 'known';
  }
  const quiet = isQuiet(joined);
  if (quiet !== (joined.quietSinceMs !== undefined))
    await records.change(incidentId, quiet ? { quietSinceMs: sign.atMs } : {}, quiet ? {} : { remove: ['quietSinceMs'] });
  const decision = decideRun(joined, sign.state, ports.coolDownMs, now());
  if ('run' in decision) {
    await startRun(ports, incidentId, decision.run);
    return 'started';
  }
  // What another alarm shows can have another cause. The schedule comes in five minutes only, and starts the same re-check.
  if (decision.why === 'cool-down') await startRecheck(ports, incidentId);
  return 'joined';
}

export type RunDecision = { readonly run: number } | { readonly why: 'not firing' | 'running' | 'cool-down' };

export function decideRun(
  incident: Pick<IncidentRecord, 'runs' | 'running' | 'lastRunAtMs'>,
  state: Sign['state'],
  coolDownMs: number,
  nowMs: number,
): RunDecision {
  if (state !== 'ALARM') return { why: 'not firing' };
  if (incident.running) return { why: 'running' };
  if (incident.runs === 0) return { run: 1 };
  return nowMs - (incident.lastRunAtMs ?? 0) < coolDownMs ? { why: 'cool-down' } : { run: incident.runs + 1 };
}
