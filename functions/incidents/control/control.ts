import { explainError } from '../../deploy/explain-error.ts';
import type { TaskError } from '../../records/types.ts';
import type { Choice, DecideInput } from '../classify/decide.ts';
import { isOutageOver } from '../classify/is-outage-over.ts';
import type { Finding, Runbook } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { Decision, MitigationKey, MitigationName, Mode } from '../contract/mitigations.ts';
import type { ClassifyReply, CollectReply, DecideReply, OpenReply, RunContext } from '../contract/steps.ts';
import type { ApprovalTokens } from '../records/incident-records.ts';
import { approvalMessageOf } from '../report/approval-message.ts';
import type { Place } from '../report/incident-page.ts';
import { withoutClients } from '../report/plain.ts';
import { dateTimeWithZone } from '../report/times.ts';
import { IncidentGone } from './errors.ts';
import { gatherEvidence, readEvidence } from './gather-evidence.ts';
import { storeIncidentThatExplains } from './link-incident.ts';
import { isOnlyLook, judgeLook } from './look.ts';
import { type OpenPorts, type OpenStep, open } from './open.ts';
import { type ReportPorts, type ReportReply, report } from './report.ts';

export interface ControlPorts extends OpenPorts, Omit<ReportPorts, 'records'> {
  readonly tokens: ApprovalTokens;
  readonly classify: (evidence: Evidence, runbook: Runbook) => Finding;
  readonly decide: (finding: Finding, given: DecideInput) => readonly Choice[];
  readonly modes: Readonly<Partial<Record<MitigationName, Mode>>>;
  readonly approvalMinutes: number;
  readonly place: Place;
}

interface OfRun<Step extends string> {
  readonly step: Step;
  readonly run: RunContext;
}
/** As Step Functions hands on what it caught; a time-out can be without a cause. */
type Caught = Partial<TaskError>;

export type ControlRequest =
  | OpenStep
  | (OfRun<'classify'> & { readonly collected: readonly CollectReply[] })
  | OfRun<'decide'>
  | (OfRun<'askApproval'> & { readonly decision: Decision; readonly token: string })
  | (OfRun<'endApproval'> & { readonly decision: Decision; readonly error?: Caught })
  | (OfRun<'nameTrouble'> & { readonly error: Caught; readonly decision?: Decision })
  | OfRun<'report'>;

export type ControlReply = OpenReply | DecideReply | ClassifyReply | ReportReply | { readonly verdict: 'DONE' };

/** The steps of a runbook that read and write its incident. Each can come twice. */
export function createControl(ports: ControlPorts): (request: ControlRequest) => Promise<ControlReply> {
  return async (request) => {
    switch (request.step) {
      case 'open':
        return open(ports, request);
      case 'classify':
        return (request.run.look === undefined ? classify : judgeLook)(ports, request.run, request.collected);
      case 'decide':
        return decide(ports, request.run);
      case 'askApproval':
        return askApproval(ports, request);
      case 'endApproval':
        return endApproval(ports, request);
      case 'nameTrouble':
        return (await isOnlyLook(ports.records, request.run)) ? { verdict: 'DONE' } : nameTrouble(ports, request);
      case 'report':
        return (await isOnlyLook(ports.records, request.run)) ? { verdict: 'DONE' } : report(ports, request.run.incidentId, true);
    }
  };
}

async function classify(ports: ControlPorts, run: RunContext, collected: readonly CollectReply[]): Promise<ClassifyReply> {
  const { incidentId, executionArn, runbook } = run;
  const incident = await ports.records.change(incidentId, { stage: 'classifying' }, { ifExecution: executionArn });
  const { evidence, sha256 } = await gatherEvidence(ports.objects, run, collected);
  const finding = ports.classify(evidence, runbook);
  const explained = incident && (await storeIncidentThatExplains(ports.records, incident, finding));
  const change = { stage: 'deciding' as const, finding, ...(explained !== undefined && { explainedBy: explained }) };
  const remove = ['told' as const, ...(explained === undefined ? ['explainedBy' as const] : [])];
  await ports.records.change(incidentId, change, { ifExecution: executionArn, remove });
  return { verdict: 'DONE', run, finding: finding.verdict, evidenceSha256: sha256 };
}

async function decide({ records, objects, modes, decide: decideFrom }: ControlPorts, run: RunContext): Promise<DecideReply> {
  const incident = await records.getIncident(run.incidentId);
  if (incident === undefined) throw new IncidentGone(run.incidentId);
  const { mitigations, explainedBy } = incident;
  // The incident of the store decides what is done about the store.
  const finding = explainedBy === undefined ? incident.finding : undefined;
  const bundle = await readEvidence(objects, run);
  const over = finding && bundle ? isOutageOver(finding, bundle.evidence) : false;
  const given = { modes, fleets: run.fleets, mitigations, isOutageOver: over, ...(run.afterLook && { onlyNewSinceMs: run.firstSignMs }) };
  const decisions = finding ? decideFrom(finding, given) : [];
  const targeted = decisions.map((decision) => ({
    ...decision,
    key: decision.key as MitigationKey,
    target: { ...decision.target, incidentId: run.incidentId, executionArn: run.executionArn },
  }));
  await records.change(run.incidentId, { stage: 'acting' }, { ifExecution: run.executionArn });
  return { decisions: targeted };
}

/** People hear of it by the report's topic; the token stays where no reader of incidents reads. */
async function askApproval(
  { records, tokens, publish, now, approvalMinutes, place }: ControlPorts,
  { run, decision, token }: Extract<ControlRequest, { step: 'askApproval' }>,
): Promise<ControlReply> {
  const { incidentId } = run;
  await tokens.putToken(incidentId, decision.key, token);
  const nowMs = now();
  const untilMs = nowMs + approvalMinutes * 60_000;
  await records.moveMitigation(incidentId, decision.key, ['planned', 'waitingForApproval'], {
    state: 'waitingForApproval',
    requestedAtMs: nowMs,
    detail: `it waits until ${dateTimeWithZone(untilMs)}, and is not carried out without an answer`,
  });
  const incident = await records.getIncident(incidentId);
  if (incident === undefined) return { verdict: 'DONE' };
  const { subject, message } = approvalMessageOf(incident, decision, { place, untilMs });
  // Without the message people still have the console and the commands; the time limit says no.
  await publish({ subject, text: message }).catch(() => undefined);
  return { verdict: 'DONE' };
}

/** Without an answer, or with one that could not be read, it is a no. */
async function endApproval(
  { records, tokens, now, approvalMinutes }: ControlPorts,
  { run, decision, error }: Extract<ControlRequest, { step: 'endApproval' }>,
): Promise<ControlReply> {
  const { incidentId } = run;
  const isOver = error?.Error === 'States.Timeout';
  // Approved, and not denied by anybody: the page must not name who approved it as who denied it.
  const lost = { state: 'refused' as const, detail: 'it was approved, and the answer did not reach the runbook in time; nothing was sent' };
  await records.moveMitigation(incidentId, decision.key, ['approved'], { ...lost, finishedAtMs: now() });
  await records.moveMitigation(incidentId, decision.key, ['planned', 'waitingForApproval'], {
    state: 'denied',
    finishedAtMs: now(),
    detail: isOver
      ? `nobody answered within ${approvalMinutes} minutes, which is a no`
      : `it could not be asked for: ${error?.Error ?? 'unknown'}`,
  });
  await tokens.deleteToken(incidentId, decision.key);
  return { verdict: 'DONE' };
}

/** Characters of a cause that a report quotes. */
const LONGEST_CAUSE = 300;

/** A step that failed for good is named in the report. */
async function nameTrouble(
  { records, now }: ControlPorts,
  { run, error, decision }: Extract<ControlRequest, { step: 'nameTrouble' }>,
): Promise<ControlReply> {
  const incident = await records.getIncident(run.incidentId);
  const where = decision ? `${decision.key}` : `the stage ${incident?.stage ?? 'unknown'}`;
  const { Error: name, Cause } = explainError({ Error: 'an error', Cause: '', ...error });
  const cause = Cause === '' ? '' : `: ${withoutClients(Cause).slice(0, LONGEST_CAUSE)}`;
  await records.addTrouble(run.incidentId, `run ${run.run}: ${where} ended with ${name}${cause}`);
  const left = decision && incident?.mitigations[decision.key]?.state;
  if (decision && (left === 'planned' || left === 'approved')) {
    const end = { state: 'refused' as const, detail: `a step before it ended with ${name}; nothing was sent`, finishedAtMs: now() };
    await records.moveMitigation(run.incidentId, decision.key, ['planned', 'approved'], end);
  }
  // What tends incidents undoes it.
  if (decision && (left === 'acting' || left === 'verifying')) {
    const later = { state: 'undoing' as const, detail: `a step of it ended with ${name}; its undoing is tried again` };
    await records.moveMitigation(run.incidentId, decision.key, ['acting', 'verifying'], later);
  }
  return { verdict: 'DONE' };
}
