import { explainError } from '../../deploy/explain-error.ts';
import type { TaskError } from '../../records/types.ts';
import { classify } from '../classify/classify.ts';
import { type Choice, type DecideInput, decide, isOutageOver } from '../classify/decide.ts';
import type { Finding, Runbook } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord, MitigationState } from '../contract/incident.ts';
import { comesAfterReport, type Decision, type MitigationKey, type MitigationName, type Mode } from '../contract/mitigations.ts';
import {
  type ClassifyReply,
  type CollectReply,
  type DecideReply,
  IncidentGone,
  type OpenReply,
  type ReportRunReply,
  type RunContext,
} from '../contract/steps.ts';
import { mitigationsOf } from '../report/describe-mitigations.ts';
import type { Place } from '../report/incident-page.ts';
import { withoutClients } from '../report/plain.ts';
import { isTrailComplete } from '../trouble/changes.ts';
import { goesOnToHurt } from '../trouble/trouble.ts';
import { findExplainingIncident, isOnlyRecheck, judgeRecheck, putFinding } from './judge-recheck.ts';
import { type OpenPorts, type OpenStep, open } from './open.ts';
import { gatherEvidence, type ReportPorts, readEvidence, report } from './report.ts';

export interface RunbookStepPorts extends OpenPorts, Omit<ReportPorts, 'records'> {
  readonly place: Place;
  readonly classify: (evidence: Evidence, runbook: Runbook) => Finding;
  readonly decide: (finding: Finding, given: DecideInput) => readonly Choice[];
  readonly modes: Readonly<Partial<Record<MitigationName, Mode>>>;
}

type OfRun<Step extends string> = { readonly step: Step; readonly run: RunContext };
type Caught = Partial<TaskError>;

export type RunbookStepRequest =
  | OpenStep
  | (OfRun<'classify'> & { readonly collected: readonly CollectReply[] })
  | OfRun<'decide'>
  | (OfRun<'nameTrouble'> & { readonly error: Caught; readonly decision?: Decision })
  | (OfRun<'report'> & { readonly last?: boolean });

export type RunbookStepReply = OpenReply | DecideReply | ClassifyReply | ReportRunReply | { readonly verdict: 'DONE' };

/** The steps of a runbook that read and write its incident. Each can come twice. */
export function createRunbookSteps(ports: RunbookStepPorts): (request: RunbookStepRequest) => Promise<RunbookStepReply> {
  return async (request) => {
    switch (request.step) {
      case 'open':
        return open(ports, request);
      case 'classify':
        return (request.run.look === undefined ? classifyRun : judgeRecheck)(ports, request.run, request.collected);
      case 'decide':
        return decideRun(ports, request.run);
      case 'nameTrouble':
        return (await isOnlyRecheck(ports.records, request.run)) ? { verdict: 'DONE' } : nameTrouble(ports, request);
      case 'report':
        return (await isOnlyRecheck(ports.records, request.run))
          ? { verdict: 'DONE' }
          : reportRun(ports, request.run, request.last === true);
    }
  };
}

async function classifyRun(ports: RunbookStepPorts, run: RunContext, collected: readonly CollectReply[]): Promise<ClassifyReply> {
  const { incidentId, executionArn, runbook } = run;
  const incident = await ports.records.change(incidentId, { stage: 'classifying' }, { ifExecution: executionArn });
  const { evidence, sha256 } = await gatherEvidence(ports.objects, run, collected);
  const finding = ports.classify(evidence, runbook);
  const explained = incident && (await findExplainingIncident(ports.records, incident, finding, evidence));
  await putFinding(ports.records, run, { finding, hurts: goesOnToHurt(evidence), explained });
  return { verdict: 'DONE', run, finding: finding.verdict, evidenceSha256: sha256 };
}

async function decideRun({ records, objects, modes, decide: decideFrom }: RunbookStepPorts, run: RunContext): Promise<DecideReply> {
  const incident = await records.getIncident(run.incidentId);
  if (incident === undefined) throw new IncidentGone(run.incidentId);
  const { mitigations, explainedBy } = incident;
  const asked = run.asked && mitigations[run.asked];
  if (run.asked && asked) {
    const { name, mode, target, requestedBy } = asked;
    const its = { ...target, executionArn: run.executionArn };
    return { decisions: [{ key: run.asked, name, mode, target: its, reason: `${requestedBy} asked for it` }] };
  }
  // The incident of the store decides what is done about the store.
  const finding = explainedBy === undefined ? incident.finding : undefined;
  const bundle = await readEvidence(objects, run);
  const over = finding && bundle ? isOutageOver(finding, bundle.evidence) : false;
  const since = run.afterLook && { onlyNewSinceMs: run.firstSignMs };
  const known = { isOutageOver: over, isTrailComplete: bundle !== undefined && isTrailComplete(bundle.evidence) };
  const given = { modes, fleets: run.fleets, mitigations, ...known, ...since };
  const decisions = finding ? decideFrom(finding, given) : [];
  const targeted = decisions.map((decision) => ({
    ...decision,
    key: decision.key as MitigationKey,
    target: { ...decision.target, incidentId: run.incidentId, firstSignMs: run.firstSignMs, executionArn: run.executionArn },
  }));
  await records.change(run.incidentId, { stage: 'acting' }, { ifExecution: run.executionArn });
  return { decisions: targeted };
}

const laterOf = (incident: IncidentRecord, { run }: RunContext) =>
  mitigationsOf(incident).filter(([, record]) => record.run === run && comesAfterReport(record));

const waitingOf = (incident: IncidentRecord, run: RunContext): readonly Decision[] =>
  laterOf(incident, run).flatMap(([key, { state, name, mode, target, reason = '' }]) =>
    state === 'planned' ? [{ key, name, mode, target, reason }] : [],
  );

const NOT_SENT: readonly MitigationState[] = ['planned', 'refused', 'observed'];

/** What comes after the report is in the next one, which ends the run, and is sent where something was carried out. */
async function reportRun(ports: RunbookStepPorts, run: RunContext, isLast: boolean): Promise<ReportRunReply> {
  const incident = await ports.records.getIncident(run.incidentId);
  const waiting = incident === undefined || isLast ? [] : waitingOf(incident, run);
  // Who asked for what is refused reads that where they asked.
  const asked = run.asked && incident?.mitigations[run.asked];
  const notifies = asked
    ? !NOT_SENT.includes(asked.state)
    : !isLast || (incident !== undefined && laterOf(incident, run).some(([, { state }]) => !NOT_SENT.includes(state)));
  const reported = await report(ports, run.incidentId, waiting.length === 0, notifies);
  return { ...reported, verdict: waiting.length === 0 ? 'DONE' : 'REPEAT', waiting };
}

const LONGEST_CAUSE = 300;

async function nameTrouble(
  { records, now }: RunbookStepPorts,
  { run, error, decision }: Extract<RunbookStepRequest, { step: 'nameTrouble' }>,
): Promise<RunbookStepReply> {
  const incident = await records.getIncident(run.incidentId);
  const where = decision ? `${decision.key}` : `the stage ${incident?.stage ?? 'unknown'}`;
  const { Error: name, Cause } = explainError({ Error: 'an error', Cause: '', ...error });
  const cause = Cause === '' ? '' : `: ${withoutClients(Cause).slice(0, LONGEST_CAUSE)}`;
  await records.addTrouble(run.incidentId, `run ${run.run}: ${where} ended with ${name}${cause}`);
  const left = decision && incident?.mitigations[decision.key]?.state;
  if (decision && left === 'planned') {
    const end = { state: 'refused' as const, detail: `a step before it ended with ${name}; nothing was sent`, finishedAtMs: now() };
    await records.moveMitigation(run.incidentId, decision.key, ['planned'], end);
  }
  // What tends incidents undoes it.
  if (decision && (left === 'acting' || left === 'verifying')) {
    const later = { state: 'undoing' as const, detail: `a step of it ended with ${name}; its undoing is tried again` };
    await records.moveMitigation(run.incidentId, decision.key, ['acting', 'verifying'], later);
  }
  return { verdict: 'DONE' };
}

export const createRun = (ports: Omit<RunbookStepPorts, 'classify' | 'decide'>): ReturnType<typeof createRunbookSteps> =>
  createRunbookSteps({ ...ports, classify, decide });
