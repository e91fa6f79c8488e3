/** What a re-check does once it has collected: it goes on as the next run where the finding has changed, and otherwise ends. */
import { judgeRow } from '../classify/judged.ts';
import { rowOf } from '../classify/rows.ts';
import type { Finding, Runbook } from '../contract/causes.ts';
import { CHANGES_COME_LATER, type Evidence, factsOf } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { ClassifyReply, CollectReply, RunContext } from '../contract/steps.ts';
import type { IncidentObjects } from '../records/incident-objects.ts';
import type { IncidentRecords } from '../records/incident-records.ts';
import { suspectsOf } from '../report/changes-before.ts';
import type { Place } from '../report/incident-page.ts';
import { changeMessageOf } from '../report/short-message.ts';
import { goesOnToHurt } from '../trouble/trouble.ts';
import { findExplainingIncident } from './find-explaining-incident.ts';
import { readEvidence, readParts, readRecheckBefore, storeBundle } from './gather-evidence.ts';
import type { ReportPorts } from './report.ts';

export interface RecheckPorts extends Pick<ReportPorts, 'publish' | 'now'> {
  readonly records: IncidentRecords;
  readonly objects: IncidentObjects;
  readonly classify: (evidence: Evidence, runbook: Runbook) => Finding;
  readonly place: Place;
}

/** Whether a step comes from a re-check that has not become a run: then the incident's run is not its own. */
export async function isOnlyRecheck(records: Pick<IncidentRecords, 'getIncident'>, run: RunContext): Promise<boolean> {
  return run.look !== undefined && (await records.getIncident(run.incidentId))?.executionArn !== run.executionArn;
}

/**
 * A changed finding begins the next run in the re-check's own execution, with the evidence that it has. While another run is under way, that
 * stays as it is, and people get one message about each finding.
 */
export async function judgeRecheck(ports: RecheckPorts, run: RunContext, collected: readonly CollectReply[]): Promise<ClassifyReply> {
  const { records, objects, now } = ports;
  const { incidentId, executionArn, runbook } = run;
  const incident = await records.getIncident(incidentId);
  if (incident === undefined || incident.closedAtMs !== undefined) return { verdict: 'SKIP' };
  const [collectedNow, lookBefore] = await Promise.all([readParts(objects, run, collected), readRecheckBefore(objects, run)]);
  const evidence: Evidence = { ...collectedNow, ...(lookBefore && { lookBefore }) };
  const finding = ports.classify(evidence, runbook);
  // A repeated step finds the run that it has begun.
  const hasBegun = incident.executionArn === executionArn;
  // Also where nothing else has changed: what it mutes is freed once it hurts nobody.
  const hurts = goesOnToHurt(evidence);
  if (incident.hurts !== undefined && incident.hurts !== hurts) await records.change(incidentId, { hurts });
  const explained = await findExplainingIncident(records, incident, finding, evidence);
  const isFreed = incident.explainedBy !== undefined && explained === undefined;
  if (!hasBegun && !isFreed && !isChanged(incident.finding, finding, evidence) && !(await addsChanges(ports, incident, finding, evidence)))
    return { verdict: 'SKIP' };
  const next = hasBegun ? incident.runs : incident.runs + 1;
  if ((await records.beginRun(incidentId, next, executionArn, now())) === undefined) {
    await reportOnce(ports, incident, finding);
    return { verdict: 'SKIP' };
  }
  const { look: _, ...others } = run;
  const asRun: RunContext = { ...others, run: next, afterLook: true };
  const { sha256 } = await storeBundle(objects, asRun, evidence);
  const change = { stage: 'deciding' as const, finding, ...(explained !== undefined && { explainedBy: explained }) };
  const remove = ['lookReported' as const, ...(explained === undefined ? ['explainedBy' as const] : [])];
  await records.change(incidentId, change, { ifExecution: executionArn, remove });
  return { verdict: 'DONE', run: asRun, finding: finding.verdict, evidenceSha256: sha256 };
}

/**
 * Whether a re-check shows something else than what is known. Evidence that is missing takes no finding back: a cause stays until the
 * evidence is firmly against it, or shows a cause that explains the same better. Pure.
 */
export function isChanged(known: Finding | undefined, seen: Finding, evidence: Evidence): boolean {
  if (seen.verdict === 'unknown') return false;
  if (known === undefined || known.verdict === 'unknown') return true;
  if (known.verdict === 'nothing') return seen.verdict === 'cause';
  if (seen.verdict === 'cause' && seen.cause === known.cause) return false;
  const row = rowOf(known.cause);
  if (row === undefined) return true;
  return (seen.verdict === 'cause' && row.yieldsTo.includes(seen.cause)) || judgeRow(row, evidence).firmlyOut;
}

/** The run left changes to this re-check, and they are here: the finding is surer, or they have what people are to know of the cause. */
async function addsChanges({ objects }: RecheckPorts, incident: IncidentRecord, seen: Finding, evidence: Evidence): Promise<boolean> {
  const { incidentId, runs, finding: known } = incident;
  if (factsOf(evidence, 'changes') === undefined) return false;
  const before = (await readEvidence(objects, { incidentId, run: runs }))?.evidence.sources.changes;
  if (before === undefined || !('gap' in before) || !before.gap.startsWith(CHANGES_COME_LATER)) return false;
  const isSurer = known?.verdict === 'cause' && seen.verdict === 'cause' && known.confidence === 'likely' && seen.confidence === 'certain';
  const sinceMs = known?.verdict === 'cause' ? known.sinceMs : undefined;
  return isSurer || suspectsOf(evidence, sinceMs).length > 0;
}

async function reportOnce({ records, publish, place }: RecheckPorts, incident: IncidentRecord, finding: Finding): Promise<void> {
  const { incidentId, lookReported, explainedBy, dryRun } = incident;
  const what = finding.verdict === 'cause' ? finding.cause : finding.verdict;
  if (lookReported === what || explainedBy !== undefined || dryRun) return;
  const { subject, message } = changeMessageOf(incident, finding, place);
  await publish({ subject, text: message });
  await records.change(incidentId, { lookReported: what });
}
