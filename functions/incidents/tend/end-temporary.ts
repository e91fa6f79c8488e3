/** Ends what bridges an outage: mitigations that are in effect until the incident is over. */
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { describeError } from '../../shared/errors.ts';
import type { VerdictOf } from '../../shared/verdict.ts';
import type { IncidentRecord, MitigationRecord, MitigationState } from '../contract/incident.ts';
import { type MitigationKey, TEMPORARY } from '../contract/mitigations.ts';
import type { MitigateReply, MitigateStep, RunContext, WatchInEffectReply, WatchInEffectStep } from '../contract/steps.ts';
import type { IncidentRecords } from '../records/incident-records.ts';
import { mitigationsOf } from '../report/describe-mitigations.ts';

export const MITIGATE_CLIENT_OPTIONS = {
  maxAttempts: 1,
  requestHandler: { ...CLIENT_OPTIONS.requestHandler, requestTimeout: 65_000 },
} as const;

export interface EndPorts {
  readonly records: Pick<IncidentRecords, 'getIncident'>;
  readonly mitigate: (step: MitigateStep) => Promise<MitigateReply>;
  /** Writes the stored report again if something of it is over by now; nobody is notified. */
  readonly refreshReport: (incidentId: string, closedAtMs?: number) => Promise<boolean>;
  readonly report: (incidentId: string) => Promise<unknown>;
  readonly now: () => number;
}

/** Once a runbook has ended, none of its steps continues a mitigation in one of these states. */
export const UNFINISHED: readonly MitigationState[] = ['acting', 'verifying', 'undoing'];

/** After this time the schedule alone looks after what is left, every few minutes: an outage that long is not over within seconds. */
const LONGEST_LOOK_MS = 3_600_000;

/** Whether it is in effect, and is undone by itself when what it bridges is over. */
export const isTemporary = ({ state, name }: MitigationRecord): boolean => state === 'done' && TEMPORARY.includes(name);

/** A page that is still shown, or servers that nobody replaces: what refused to be undone, such as a permission, can be put right. */
export const isLeftBehind = ({ state, name }: MitigationRecord): boolean => state === 'leftBehind' && TEMPORARY.includes(name);

/** All at the same time, since each asks the servers. @returns keys of the undone, and sentences about those that could not be */
export async function endTemporary(
  { mitigate, report }: Pick<EndPorts, 'mitigate' | 'report'>,
  incident: IncidentRecord,
  isOver: boolean,
): Promise<{ readonly undone: readonly MitigationKey[]; readonly failed: readonly string[] }> {
  const undone: MitigationKey[] = [];
  const failed: string[] = [];
  let isNews = false;
  const endOne = async ([key, record]: readonly [MitigationKey, MitigationRecord]) => {
    // While the runbook works, what it has not finished is its own; but what is being undone can be of a look that has died.
    const isLeft =
      record.state === 'undoing' || isLeftBehind(record) || (UNFINISHED.includes(record.state) && incident.running === undefined);
    if (!isLeft && !isTemporary(record)) return;
    try {
      const end = isLeft ? {} : await whyEnds(mitigate, stepOf(incident, key, record, 'stillNeeded'), isOver);
      if (end === undefined) return;
      const { verdict } = await mitigate({ ...stepOf(incident, key, record, 'undo'), ...end });
      if (verdict === 'FAILED') failed.push(`${incident.incidentId} ${key}: it could not be undone`);
      else undone.push(key);
      // The schedule and the runbook can find it at once: the one that ended it reports it.
      isNews ||= verdict === 'FAILED' || (end.expired === true && verdict === 'DONE');
    } catch (error) {
      failed.push(`${incident.incidentId} ${key}: ${describeError(error)}`);
    }
  };
  await Promise.all(mitigationsOf(incident).map(endOne));
  // A report notifies people, who do not expect a mitigation to expire while the trouble goes on, or to stay when it is over.
  if (isNews) await report(incident.incidentId);
  return { undone, failed };
}

/** Undefined: it stays. Alarms are off too when nobody comes: while the outage goes on, or its end settles, what bridges it holds. */
async function whyEnds(mitigate: EndPorts['mitigate'], step: MitigateStep, isOver: boolean): Promise<End | undefined> {
  const asking = mitigate(step);
  const reply = await (isOver ? asking.catch(() => undefined) : asking);
  const over = reply?.over ?? (isOver ? 'the incident is over' : undefined);
  if (reply?.verdict !== 'FAILED') return isOver && !reply?.holds ? { ...(over !== undefined && { over }) } : undefined;
  return { ...(over !== undefined && { over }), ...(reply.expired && { expired: true }) };
}
type End = Pick<MitigateStep, 'over' | 'expired'>;

export async function watchInEffect(ports: EndPorts, { run }: WatchInEffectStep): Promise<WatchInEffectReply> {
  const over = { verdict: 'DONE' as VerdictOf<'DONE'>, undone: [] };
  const incident = await ports.records.getIncident(run.incidentId);
  if (incident === undefined || incident.executionArn !== run.executionArn) return over;
  const { undone, failed: unended } = await endTemporary(ports, incident, false);
  const failed = [...unended, ...(await refreshed(ports, run.incidentId))];
  const left = (await ports.records.getIncident(run.incidentId)) ?? incident;
  return { verdict: isInEffect(left, ports) ? 'WAIT' : 'DONE', undone, ...(failed.length > 0 && { failed }) };
}

const isInEffect = (incident: IncidentRecord, { now }: Pick<EndPorts, 'now'>): boolean =>
  mitigationsOf(incident).some(
    ([, record]) => (isTemporary(record) || UNFINISHED.includes(record.state)) && now() - (record.finishedAtMs ?? 0) < LONGEST_LOOK_MS,
  );

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
