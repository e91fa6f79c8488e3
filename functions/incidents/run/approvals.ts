/** What people decide about: one question for all of it, after the report. */
import type { TaskError } from '../../records/types.ts';
import type { PublishMessage } from '../../shared/aws/signed/publish-message.ts';
import { RUNBOOK_FUNCTIONS_AT_ONCE } from '../../shared/runbook.ts';
import { dateTimeWithZone } from '../../shared/times.ts';
import type { IncidentRecord, MitigationState } from '../contract/incident.ts';
import { type Decision, goesBeside } from '../contract/mitigations.ts';
import { MOST_WAITING, type RunContext, type WaitingDecision } from '../contract/steps.ts';
import type { ApprovalTokens, IncidentRecords } from '../records/incident-records.ts';
import { approvalMessageOf } from '../report/approval-message.ts';
import type { Place } from '../report/incident-page.ts';
import { mitigationsOf } from '../report/mitigations-of.ts';

export interface ApprovalPorts {
  readonly records: Pick<IncidentRecords, 'getIncident' | 'moveMitigation'>;
  readonly tokens: ApprovalTokens;
  readonly publish: PublishMessage;
  readonly now: () => number;
  readonly approvalMinutes: number;
  readonly place: Place;
}

type OfRun = Pick<RunContext, 'incidentId' | 'run'>;
const DONE = { verdict: 'DONE' } as const;

/** A question is put within a second; what goes on by itself is planned first, for which servers are asked. */
const PLAN_SECONDS = 20;

const isAsked = ({ mode }: Pick<Decision, 'mode'>): boolean => mode === 'approve';

/** What a run does after its report; what people decide about comes first. */
const ofRun = (incident: IncidentRecord, { run }: OfRun) => {
  const own = mitigationsOf(incident).filter(([, record]) => record.run === run);
  return [...own.filter(([, record]) => isAsked(record)), ...own.filter(([, record]) => goesBeside(record))];
};

/** Those that a run has planned, and that go on after its report. The rest, of very many fleets, stays planned. */
export const waitingOf = (incident: IncidentRecord, run: OfRun): readonly WaitingDecision[] =>
  ofRun(incident, run)
    .flatMap(([key, { state, name, mode, target, reason = `its mode is ${mode}` }]) =>
      state === 'planned' ? [{ key, name, mode, target, reason }] : [],
    )
    .slice(0, MOST_WAITING)
    .map((decision, index) => ({
      ...decision,
      askAfterSeconds: 1 + Math.floor(index / RUNBOOK_FUNCTIONS_AT_ONCE) * (goesBeside(decision) ? PLAN_SECONDS : 1),
    }));

/** Nothing was sent for these. */
const NOT_SENT: readonly MitigationState[] = ['planned', 'waitingForApproval', 'approved', 'denied', 'refused', 'observed'];

/** Whether something was sent since the report of this run. */
export const hasCarriedOut = (incident: IncidentRecord, run: OfRun): boolean =>
  ofRun(incident, run).some(([, { state }]) => !NOT_SENT.includes(state));

/** People get one message about all of them. Without it they still have the console and the commands; the time limit says no. */
export async function askPeople(ports: ApprovalPorts, run: OfRun, after: readonly Decision[]): Promise<typeof DONE> {
  const incident = await ports.records.getIncident(run.incidentId);
  const waiting = after.filter(isAsked);
  if (incident === undefined || waiting.length === 0) return DONE;
  const untilMs = ports.now() + ports.approvalMinutes * 60_000;
  const { subject, message } = approvalMessageOf(incident, waiting, { place: ports.place, untilMs });
  await ports.publish({ subject, text: message }).catch(() => undefined);
  return DONE;
}

/** The token stays where no reader of incidents reads. */
export async function askApproval(
  { records, tokens, now, approvalMinutes }: ApprovalPorts,
  { incidentId }: OfRun,
  { key }: Decision,
  token: string,
): Promise<typeof DONE> {
  await tokens.putToken(incidentId, key, token);
  const nowMs = now();
  await records.moveMitigation(incidentId, key, ['planned', 'waitingForApproval'], {
    state: 'waitingForApproval',
    requestedAtMs: nowMs,
    detail: `it waits until ${dateTimeWithZone(nowMs + approvalMinutes * 60_000)}, and is not carried out without an answer`,
  });
  return DONE;
}

/** Ends a question that got no answer in time, or one that could not be read, as a no. */
export async function endApproval(
  { records, tokens, now, approvalMinutes }: ApprovalPorts,
  { incidentId }: OfRun,
  { key }: Decision,
  error: Partial<TaskError> | undefined,
): Promise<typeof DONE> {
  const isOver = error?.Error === 'States.Timeout';
  // Approved, and not denied by anybody: the page must not name who approved it as who denied it.
  const lost = { state: 'refused' as const, detail: 'it was approved, and the answer did not reach the runbook in time; nothing was sent' };
  await records.moveMitigation(incidentId, key, ['approved'], { ...lost, finishedAtMs: now() });
  await records.moveMitigation(incidentId, key, ['planned', 'waitingForApproval'], {
    state: 'denied',
    finishedAtMs: now(),
    detail: isOver
      ? `nobody answered within ${approvalMinutes} minutes, which is a no`
      : `it could not be asked for: ${error?.Error ?? 'unknown'}`,
  });
  await tokens.deleteToken(incidentId, key);
  return DONE;
}
