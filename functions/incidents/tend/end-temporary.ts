/** Ends what bridges an outage: mitigations that are in effect until the incident is over. */
import { describeError } from '../../shared/errors.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import type { IncidentRecord, MitigationRecord, MitigationState } from '../contract/incident.ts';
import { type MitigationKey, TEMPORARY } from '../contract/mitigations.ts';
import type { LookAfterReply, MitigateReply, MitigateStep, RunContext } from '../contract/steps.ts';
import type { IncidentRecords } from '../records/incident-records.ts';

export interface EndPorts {
  readonly records: Pick<IncidentRecords, 'getIncident'>;
  /** Calls the mitigating function. */
  readonly mitigate: (step: MitigateStep) => Promise<MitigateReply>;
  /** Writes the stored report again if something of it is over by now; nobody is notified. */
  readonly refreshReport: (incidentId: string, closedAtMs?: number) => Promise<boolean>;
  /** Writes the report again, and notifies people. */
  readonly report: (incidentId: string) => Promise<unknown>;
  readonly now: () => number;
}

/** What no step of a runbook that has ended goes on with. */
export const UNFINISHED: readonly MitigationState[] = ['acting', 'verifying', 'undoing'];

/** After it the schedule alone looks after what is left: an outage that long is not over within seconds. */
const LONGEST_LOOK_MS = 3_600_000;

export const mitigationsOf = ({ mitigations }: IncidentRecord) => Object.entries(mitigations) as [MitigationKey, MitigationRecord][];

/** In effect, and to be undone by itself. */
export const isTemporary = ({ state, name }: MitigationRecord): boolean => state === 'done' && TEMPORARY.includes(name);

/**
 * Undoes those of which the condition is over, or all of them when the incident is.
 * @returns keys of the undone, and sentences about those that could not be
 */
export async function endTemporary(
  { mitigate, report }: Pick<EndPorts, 'mitigate' | 'report'>,
  incident: IncidentRecord,
  isOver: boolean,
): Promise<{ readonly undone: readonly MitigationKey[]; readonly failed: readonly string[] }> {
  const undone: MitigationKey[] = [];
  const failed: string[] = [];
  let hasExpired = false;
  for (const [key, record] of mitigationsOf(incident)) {
    // While the runbook works, what it has not finished is its own.
    const isLeft = UNFINISHED.includes(record.state) && incident.running === undefined;
    if (!isLeft && !isTemporary(record)) continue;
    try {
      let over = isOver && !isLeft ? 'the incident is over' : undefined;
      let expired = false;
      if (!isLeft && !isOver) {
        const reply = await mitigate(stepOf(incident, key, record, 'stillNeeded'));
        if (reply.verdict !== 'FAILED') continue;
        over = reply.over;
        expired = reply.expired === true;
      }
      await mitigate({ ...stepOf(incident, key, record, 'undo'), ...(over !== undefined && { over }), ...(expired && { expired }) });
      undone.push(key);
      hasExpired ||= expired;
    } catch (error) {
      failed.push(`${incident.incidentId} ${key}: ${describeError(error)}`);
    }
  }
  // Nobody expects it: the trouble goes on without it.
  if (hasExpired) await report(incident.incidentId);
  return { undone, failed };
}

/** What the runbook asks after its report, every half minute: `WAIT` while something of it is in effect. */
export async function lookAfter(ports: EndPorts, run: RunContext): Promise<LookAfterReply> {
  const over = { verdict: 'DONE' as VerdictOf<'DONE'>, undone: [] };
  const incident = await ports.records.getIncident(run.incidentId);
  // A later run looks after all of them.
  if (incident === undefined || incident.executionArn !== run.executionArn) return over;
  const { undone, failed: unended } = await endTemporary(ports, incident, false);
  const failed = [...unended, ...(await refreshed(ports, run.incidentId))];
  const left = (await ports.records.getIncident(run.incidentId)) ?? incident;
  const isLeft = mitigationsOf(left).some(
    ([, record]) =>
      (isTemporary(record) || UNFINISHED.includes(record.state)) && ports.now() - (record.finishedAtMs ?? 0) < LONGEST_LOOK_MS,
  );
  return { verdict: isLeft ? 'WAIT' : 'DONE', undone, ...(failed.length > 0 && { failed }) };
}

/** The schedule tries again what fails here. @returns the sentence about it */
async function refreshed({ refreshReport }: EndPorts, incidentId: string): Promise<readonly string[]> {
  try {
    await refreshReport(incidentId);
    return [];
  } catch (error) {
    return [`${incidentId}: its report was not written again: ${describeError(error)}`];
  }
}

/** Whether a change that goes on by itself has ended since: people hear of it. */
export async function followUp({ mitigate, report }: Pick<EndPorts, 'mitigate' | 'report'>, incident: IncidentRecord): Promise<void> {
  for (const [key, record] of mitigationsOf(incident)) {
    if (record.state !== 'done' || !record.goesOn) continue;
    const { verdict } = await mitigate(stepOf(incident, key, record, 'followUp'));
    if (verdict === 'DONE') await report(incident.incidentId);
  }
}

export function stepOf(incident: IncidentRecord, key: MitigationKey, record: MitigationRecord, step: MitigateStep['step']): MitigateStep {
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
