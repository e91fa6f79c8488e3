import { randomUUID } from 'node:crypto';
import type { Executions } from '../../shared/aws/executions.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import { startRecheck, startRun } from '../alarm/alarm.ts';
import { openingAlarms } from '../alarm/episode.ts';
import { LONG_IN_EFFECT_MINUTES, TEND_MINUTES } from '../contract/environment.ts';
import type { IncidentRecord, MitigationRecord } from '../contract/incident.ts';
import { DESCRIPTORS, type MitigationKey } from '../contract/mitigations.ts';
import type { WatchInEffectReply, WatchInEffectStep } from '../contract/steps.ts';
import type { IncidentPointer, IncidentRecords } from '../records/incident-records.ts';
import { mitigationsOf } from '../report/describe-mitigations.ts';
import { isReportStale } from '../run/report.ts';
import { type EndPorts, endTemporary, followUp, isLeftBehind, isTemporary, stepOf, UNFINISHED, watchInEffect } from './end-temporary.ts';
import { type TendAlarmsPorts, tendAlarms } from './tend-alarms.ts';

export interface TendPorts
  extends TendAlarmsPorts,
    Pick<EndPorts, 'mitigate' | 'refreshReport' | 'report'>,
    Pick<InEffectPorts, 'publishInEffect'> {
  readonly records: IncidentRecords;
  readonly executions: Pick<Executions, 'describe' | 'startOnce'>;
  readonly reportEnd: (incidentId: string, closedAtMs: number) => Promise<unknown>;
  readonly log: Log;
  readonly quietMs: number;
}

export type TendRequest =
  | {
      readonly step: 'tend';
      /** While an alarm is on it asks the fleet's side every minute, until the next turn. */
      readonly watches?: true;
    }
  | WatchInEffectStep;

export interface Tended {
  readonly caughtUp: readonly string[];
  readonly started: readonly string[];
  readonly closed: readonly string[];
  readonly died: readonly string[];
  readonly sent: readonly string[];
  readonly looked: readonly string[];
  readonly undone: readonly string[];
  readonly rewritten: readonly string[];
  readonly failed: readonly string[];
}

const LOST_START_MS = 60_000;
const NEVER_BEGAN =
  'run 1: the runbook was started three times and never began; start it with "incidents run" when its functions work again';

/** A turn that is not over by then counts as dead. Its mitigations take up to two minutes; the next event can come early. */
const LONGEST_TURN_MS = (TEND_MINUTES - 1) * 60_000;

type Found = { -readonly [K in keyof Tended]: string[] };

/** What no runbook does any more. One turn is at work at a time: an event of the schedule can be delivered twice, and late. */
export function createTend(ports: TendPorts): (request: TendRequest) => Promise<Tended | WatchInEffectReply> {
  return async (request) => {
    if (request.step === 'lookAfter') return watchInEffect(ports, request);
    const found: Found = { caughtUp: [], started: [], closed: [], died: [], sent: [], looked: [], undone: [], rewritten: [], failed: [] };
    const { records } = ports;
    const [owner, nowMs] = [randomUUID(), ports.now()];
    if (!(await records.beginTurn(owner, nowMs, nowMs + LONGEST_TURN_MS))) {
      ports.log.info(LOG_EVENTS.incidentTended, { ...found, passedOver: 'another turn is at work' });
      return found;
    }
    try {
      await tend(ports, found);
    } finally {
      await records.endTurn(owner);
    }
    ports.log.info(LOG_EVENTS.incidentTended, { ...found });
    return found;
  };
}

async function tend(ports: TendPorts, found: Found): Promise<void> {
  const { records } = ports;
  const attempt = async (what: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      found.failed.push(`${what}: ${describeError(error)}`);
    }
  };
  const begun = new Set<string>();
  const pointers = await records.pointers();
  await attempt('alarms', async () => {
    const { caughtUp, started } = await tendAlarms(ports, pointers);
    found.caughtUp.push(...caughtUp);
    for (const incidentId of started) begun.add(incidentId);
  });
  // One that was opened right now is not among them, and the runbook of one that was opened again is about to begin.
  const open = pointers.filter(({ closedAtMs, incidentId }) => closedAtMs === undefined && !begun.has(incidentId));
  await Promise.all(open.map((pointer) => attempt(pointer.incidentId, () => tendOne(ports, pointer, found))));
  await attempt('looks', async () => {
    const incidents = await Promise.all(open.map(({ incidentId }) => records.getIncident(incidentId)));
    const left = incidents.filter((incident) => incident !== undefined);
    publishInEffect(ports, left);
    const recheck = async (incidentId: string) => {
      if (await startRecheck(ports, incidentId)) found.looked.push(incidentId);
    };
    for (const { incidentId } of left) await attempt(incidentId, () => recheck(incidentId));
  });
}

async function tendOne(ports: TendPorts, pointer: IncidentPointer, found: Found): Promise<void> {
  const { records, executions, now } = ports;
  const { incidentId } = pointer;
  let incident = await closeLeft(ports, await records.ensureIncident(pointer));
  if (incident.runs === 0) {
    if (!(await startLost(ports, incident, found))) return;
    incident = (await records.getIncident(incidentId)) ?? incident;
  }
  if (incident.running) {
    const execution = incident.executionArn === undefined ? undefined : await executions.describe(incident.executionArn);
    // What bridges the outage meanwhile ends all the same.
    if (execution?.status === 'RUNNING') return tendTemporary(ports, incident, false, found);
    // It can have reported, and ended, since its record was read.
    const now = (await records.getIncident(incidentId)) ?? incident;
    const hasDied = now.running !== undefined && now.executionArn === incident.executionArn;
    incident = hasDied ? await endDead(ports, now, execution?.status ?? 'gone', found) : now;
    if (incident.running) return;
  }
  if (incident.unsent) {
    await ports.report(incidentId);
    if ((await records.getIncident(incidentId))?.unsent === undefined) found.sent.push(incidentId);
  }
  const isOver = incident.dryRun === true || (incident.quietSinceMs !== undefined && now() - incident.quietSinceMs >= ports.quietMs);
  await tendTemporary(ports, incident, isOver, found);
  if (isOver) return close(ports, pointer, found);
  const left = await records.getIncident(incidentId);
  if (left !== undefined && isReportStale(left)) await rewrite(ports, incidentId, found);
}

const LEFT: Readonly<Record<string, string>> = {
  waitingForApproval: 'nobody had answered before the update to a version without questions, which is a no; nothing was sent',
  denied: 'nobody carried it out before the update to a version without questions',
  approved: 'it was approved right before the update to a version without questions; nothing was sent',
};
const GONE = 'this version has no such mitigation';
const KEPT = `${GONE}; the check for what deploys left resumes what it has suspended`;
const STAYS = `${GONE}, and what it changed stays: change it back by hand if it is not wanted`;
const MAY_LAST: readonly string[] = ['planned', 'acting', 'verifying', 'done', 'undoing', 'leftBehind'];

/** The runbook of an earlier version that waits for an answer keeps nobody waiting. */
async function closeLeft({ records, now }: TendPorts, incident: IncidentRecord): Promise<IncidentRecord> {
  const { incidentId } = incident;
  let known: IncidentRecord | undefined = incident;
  for (const [key, record] of Object.entries(incident.mitigations) as [MitigationKey, MitigationRecord][]) {
    const isGone = !(record.name in DESCRIPTORS) && MAY_LAST.includes(record.state);
    const detail = isGone ? (String(record.name) === 'keep-servers' ? KEPT : STAYS) : LEFT[record.state];
    if (detail === undefined) continue;
    await records.moveMitigation(incidentId, key, [record.state], { state: isGone ? 'ended' : 'refused', detail, finishedAtMs: now() });
    if (!isGone) await records.change(incidentId, { stage: 'watching' }, { remove: ['running'] });
    known = undefined;
  }
  return known ?? (await records.getIncident(incidentId)) ?? incident;
}

async function rewrite({ refreshReport }: TendPorts, incidentId: string, found: Found, closedAtMs?: number): Promise<void> {
  if (await refreshReport(incidentId, closedAtMs)) found.rewritten.push(incidentId);
}

/** False when there is nothing else to do for an incident that has never run. */
async function startLost(ports: TendPorts, { incidentId, openedAtMs, dryRun, troubles }: IncidentRecord, found: Found): Promise<boolean> {
  const { records, now } = ports;
  if (now() - openedAtMs < LOST_START_MS) return false;
  if (dryRun) return true;
  if (await startRun(ports, incidentId, 1)) {
    found.started.push(incidentId);
    return false;
  }
  if (troubles?.includes(NEVER_BEGAN)) return true;
  await records.addTrouble(incidentId, NEVER_BEGAN);
  await records.change(incidentId, { stage: 'watching', unsent: { since: now(), reason: NEVER_BEGAN } });
  found.died.push(incidentId);
  return true;
}

async function endDead(ports: TendPorts, incident: IncidentRecord, status: string, found: Found): Promise<IncidentRecord> {
  const { records, now } = ports;
  const { incidentId, runs, stage } = incident;
  await records.addTrouble(incidentId, `run ${runs}: the runbook ended as ${status} in the stage ${stage}, before its report`);
  for (const [key, record] of mitigationsOf(incident)) {
    if (UNFINISHED.includes(record.state)) {
      await ports.mitigate({ ...stepOf(incident, key, record, 'undo'), error: { Error: 'the end of its runbook', Cause: '' } });
      found.undone.push(`${incidentId} ${key}`);
    } else if (record.state === 'planned') {
      const detail = 'the runbook ended before that; nothing was sent';
      await records.moveMitigation(incidentId, key, ['planned'], { state: 'refused', detail, finishedAtMs: now() });
    }
  }
  const quiet = openingAlarms(incident).length === 0 && { quietSinceMs: now() };
  const ended = await records.change(
    incidentId,
    { stage: 'watching', unsent: { since: now(), reason: `the runbook ended as ${status}` }, ...quiet },
    { remove: ['running'] },
  );
  found.died.push(incidentId);
  return ended ?? incident;
}

async function tendTemporary(ports: TendPorts, incident: IncidentRecord, isOver: boolean, found: Found): Promise<void> {
  const { undone, failed } = await endTemporary(ports, incident, isOver);
  found.undone.push(...undone.map((key) => `${incident.incidentId} ${key}`));
  found.failed.push(...failed);
  await followUp(ports, incident);
}

/** Unless something is still to be undone, sent or written: then the next turn tends it again. No turn tends a closed incident. */
async function close(ports: TendPorts, pointer: IncidentPointer, found: Found): Promise<void> {
  const { records, log, now } = ports;
  const { incidentId, fingerprint } = pointer;
  // A run can have begun since this turn read the incident.
  const incident = await records.getIncident(incidentId);
  if (incident === undefined || incident.unsent || incident.running) return;
  const isOpen = mitigationsOf(incident).some(
    ([, record]) => UNFINISHED.includes(record.state) || isTemporary(record) || isLeftBehind(record) || isFollowed(record, now()),
  );
  const closedAtMs = now();
  await rewrite(ports, incidentId, found, isOpen ? undefined : closedAtMs);
  if (isOpen) return;
  if (incident.dryRun) await records.deletePointer(fingerprint);
  else {
    await ports.reportEnd(incidentId, closedAtMs);
    // The pointer is closed before the record, so that an alarm which fires now opens the incident again. A later turn rewrites the report.
    if (!(await records.putPointer({ ...pointer, closedAtMs }, pointer))) return;
    await records.change(incidentId, { stage: 'closed', closedAtMs });
  }
  found.closed.push(incidentId);
  log.info(LOG_EVENTS.incidentClosed, { incidentId });
}

/** What goes on by itself for a day, such as a clean-up that died, has alarms of its own, and holds no incident open any more. */
const LONGEST_FOLLOWED_MS = 24 * 3_600_000;
const isFollowed = ({ goesOn, actedAtMs = 0 }: MitigationRecord, nowMs: number): boolean =>
  goesOn === true && nowMs - actedAtMs < LONGEST_FOLLOWED_MS;

export type InEffectPorts = { readonly publishInEffect: (count: number) => void; readonly now: () => number };

export const countInEffect = (incidents: readonly IncidentRecord[], nowMs: number): number =>
  incidents
    .flatMap(mitigationsOf)
    .filter(
      ([, record]) =>
        (isTemporary(record) || isLeftBehind(record)) &&
        record.actedAtMs !== undefined &&
        nowMs - record.actedAtMs >= LONG_IN_EFFECT_MINUTES * 60_000,
    ).length;

export function publishInEffect({ publishInEffect: publish, now }: InEffectPorts, open: readonly IncidentRecord[]): void {
  const count = countInEffect(open, now());
  if (count > 0) publish(count);
}
