import type { Executions } from '../../shared/aws/executions.ts';
import { describeError } from '../../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../../shared/log-events.ts';
import type { IncidentRecord, MitigationRecord } from '../contract/incident.ts';
import { type MitigationKey, TEMPORARY } from '../contract/mitigations.ts';
import type { MitigateReply, MitigateStep, RunbookInput, RunContext } from '../contract/steps.ts';
import type { IncidentPointer, IncidentRecords } from '../records/incident-records.ts';

export interface TendPorts {
  readonly records: IncidentRecords;
  readonly executions: Pick<Executions, 'describe' | 'startOnce'>;
  /** Calls the mitigating function. */
  readonly mitigate: (step: MitigateStep) => Promise<MitigateReply>;
  /** Writes the report again, and notifies people. */
  readonly report: (incidentId: string) => Promise<unknown>;
  readonly log: Log;
  readonly now: () => number;
  readonly quietMs: number;
  readonly stateMachineArn: string;
}

export interface Tended {
  readonly started: readonly string[];
  readonly closed: readonly string[];
  /** Runbooks that had ended without a report. */
  readonly died: readonly string[];
  readonly sent: readonly string[];
  readonly undone: readonly string[];
  /** Incidents that could not be tended now, and why. */
  readonly failed: readonly string[];
}

/** A start's answer is on record within seconds. */
const LOST_START_MS = 60_000;
const UNFINISHED = ['acting', 'verifying', 'undoing'];

type Found = { -readonly [K in keyof Tended]: string[] };

/**
 * What no runbook does any more: starts one whose start was lost, names one that died and undoes what it had under way, sends reports
 * that could not be sent, ends what bridges an outage that is over, and closes incidents that are quiet. Each of them is named.
 */
export function createTend(ports: TendPorts): () => Promise<Tended> {
  return async () => {
    const found: Found = { started: [], closed: [], died: [], sent: [], undone: [], failed: [] };
    for (const pointer of await ports.records.pointers()) {
      if (pointer.closedAtMs !== undefined) continue;
      try {
        await tendOne(ports, pointer, found);
      } catch (error) {
        // The others are tended all the same; the next time comes in minutes.
        found.failed.push(`${pointer.incidentId}: ${describeError(error)}`);
      }
    }
    ports.log.info(LOG_EVENTS.incidentTended, { ...found });
    return found;
  };
}

async function tendOne(ports: TendPorts, pointer: IncidentPointer, found: Found): Promise<void> {
  const { records, executions, now } = ports;
  const { incidentId } = pointer;
  let incident = await records.ensureIncident(pointer);
  if (incident.runs === 0 && !(await startLost(ports, incident, found))) return;
  if (incident.running) {
    const execution = incident.executionArn === undefined ? undefined : await executions.describe(incident.executionArn);
    if (execution?.status === 'RUNNING') return;
    incident = await endDead(ports, incident, execution?.status ?? 'gone', found);
  }
  if (incident.unsent) {
    await ports.report(incidentId);
    if ((await records.getIncident(incidentId))?.unsent === undefined) found.sent.push(incidentId);
  }
  const isOver = incident.dryRun === true || (incident.quietSinceMs !== undefined && now() - incident.quietSinceMs >= ports.quietMs);
  await tendTemporary(ports, incident, isOver, found);
  if (isOver) await close(ports, pointer, found);
}

/** False when there is nothing else to do for an incident that has never run. */
async function startLost({ records, executions, now, stateMachineArn }: TendPorts, incident: IncidentRecord, found: Found) {
  const { incidentId, openedAtMs, dryRun } = incident;
  if (now() - openedAtMs < LOST_START_MS) return false;
  if (dryRun) return true;
  const input: RunbookInput = { incidentId, run: 1 };
  if (await executions.startOnce(stateMachineArn, `${incidentId}-1`, input)) {
    found.started.push(incidentId);
    return false;
  }
  // The name is used: that execution ended before it was on record.
  await records.addTrouble(incidentId, 'run 1: the runbook ended before it had begun; the next alarm starts another');
  return true;
}

/** The runbook died: what it had under way is undone, and the report says so. */
async function endDead(ports: TendPorts, incident: IncidentRecord, status: string, found: Found): Promise<IncidentRecord> {
  const { records, now } = ports;
  const { incidentId, runs, stage } = incident;
  await records.addTrouble(incidentId, `run ${runs}: the runbook ended as ${status} in the stage ${stage}, before its report`);
  for (const [key, record] of mitigationsOf(incident)) {
    if (UNFINISHED.includes(record.state)) await undo(ports, incident, key, record, found);
    else if (['planned', 'waitingForApproval', 'approved'].includes(record.state)) {
      const detail = 'the runbook ended before it was carried out';
      await records.moveMitigation(incidentId, key, [record.state], { state: 'denied', detail, finishedAtMs: now() });
    }
  }
  const quiet = Object.keys(incident.alarms).every((name) => name === 'person') && { quietSinceMs: now() };
  const ended = await records.change(
    incidentId,
    { stage: 'watching', unsent: { since: now(), reason: `the runbook ended as ${status}` }, ...quiet },
    { remove: ['running'] },
  );
  found.died.push(incidentId);
  return ended ?? incident;
}

async function tendTemporary(ports: TendPorts, incident: IncidentRecord, isOver: boolean, found: Found): Promise<void> {
  for (const [key, record] of mitigationsOf(incident)) {
    if (record.state === 'undoing') await undo(ports, incident, key, record, found);
    if (record.state !== 'done' || !TEMPORARY.includes(record.name)) continue;
    const verdict = isOver ? 'FAILED' : (await ports.mitigate(stepOf(incident, key, record, 'stillNeeded'))).verdict;
    if (verdict === 'FAILED') await undo(ports, incident, key, record, found);
  }
}

const mitigationsOf = ({ mitigations }: IncidentRecord) => Object.entries(mitigations) as [MitigationKey, MitigationRecord][];

async function undo(ports: TendPorts, incident: IncidentRecord, key: MitigationKey, record: MitigationRecord, found: Found): Promise<void> {
  await ports.mitigate(stepOf(incident, key, record, 'undo'));
  found.undone.push(`${incident.incidentId} ${key}`);
}

function stepOf(incident: IncidentRecord, key: MitigationKey, record: MitigationRecord, step: MitigateStep['step']): MitigateStep {
  const { incidentId, runbook, fleet, runs, openedAtMs, executionArn = '' } = incident;
  const run: RunContext = {
    incidentId,
    runbook,
    fleets: fleet === undefined ? [] : [fleet],
    fromMs: openedAtMs,
    toMs: openedAtMs,
    firstSignMs: openedAtMs,
    run: runs,
    executionArn,
    dryRun: false,
  };
  const { name, mode, target } = record;
  return { step, run, decision: { key, name, mode, target, reason: '' } };
}

/** Not while something of it is still to be undone or sent: then it stays open, and is tended again. */
async function close({ records, log, now }: TendPorts, pointer: IncidentPointer, found: Found): Promise<void> {
  const { incidentId, fingerprint } = pointer;
  const incident = await records.getIncident(incidentId);
  if (incident === undefined || incident.unsent || incident.running) return;
  const isLeft = ({ state, name }: MitigationRecord) => UNFINISHED.includes(state) || (state === 'done' && TEMPORARY.includes(name));
  if (mitigationsOf(incident).some(([, record]) => isLeft(record))) return;
  const closedAtMs = now();
  if (incident.dryRun) await records.deletePointer(fingerprint);
  else {
    // An alarm that fires now opens it again: the pointer comes first.
    if (!(await records.putPointer({ ...pointer, closedAtMs }, pointer))) return;
    await records.change(incidentId, { stage: 'closed', closedAtMs });
  }
  found.closed.push(incidentId);
  log.info(LOG_EVENTS.incidentClosed, { incidentId });
}
