/** What a re-check does once it has collected: it goes on as the next run where the finding has changed, and otherwise ends. */
import { judgeRow } from '../classify/judged.ts';
import { rowOf } from '../classify/rows.ts';
import type { Cause, Finding, Runbook } from '../contract/causes.ts';
import { CHANGES_COME_LATER, type Evidence, factsOf } from '../contract/evidence.ts';
import type { IncidentRecord, MitigationRecord, MitigationState } from '../contract/incident.ts';
import { TEMPORARY } from '../contract/mitigations.ts';
import type { ClassifyReply, CollectReply, RunContext } from '../contract/steps.ts';
import { fingerprintOf, type IncidentObjects, type IncidentRecords } from '../records/incident-records.ts';
import { suspectsOf } from '../report/changes-before.ts';
import { mitigationsOf } from '../report/describe-mitigations.ts';
import type { Place } from '../report/incident-page.ts';
import { changeMessageOf } from '../report/short-message.ts';
import { goesOnToHurt, type Trouble, troubleOf } from '../trouble/trouble.ts';
import { type ReportPorts, readEvidence, readParts, storeBundle } from './report.ts';

/** None explains one that bridges the outage itself: people get a message when that expires, or cannot be undone. */
export async function findExplainingIncident(
  records: Pick<IncidentRecords, 'getIncident' | 'getPointer'>,
  { runbook, fleet, dryRun, mitigations }: Pick<IncidentRecord, 'runbook' | 'fleet' | 'dryRun' | 'mitigations'>,
  finding: Finding,
  evidence: Evidence,
): Promise<string | undefined> {
  if (runbook !== 'logged-out' || dryRun || mitigationsOf({ mitigations }).some(([, record]) => bridges(record))) return undefined;
  const fingerprints = [undefined, ...(fleet === undefined ? [] : [fleet])].map((one) => fingerprintOf('store-failure', one));
  const pointers = await Promise.all(fingerprints.map((fingerprint) => records.getPointer(fingerprint)));
  const open = pointers.flatMap((pointer) => (pointer && pointer.closedAtMs === undefined ? [pointer.incidentId] : []));
  const incidents = await Promise.all(open.map((incidentId) => records.getIncident(incidentId)));
  return explainedBy(
    finding,
    troubleOf(evidence).onset,
    incidents.filter((one) => one !== undefined),
  );
}

const IN_EFFECT: readonly MitigationState[] = ['acting', 'verifying', 'done', 'undoing', 'leftBehind'];
const bridges = ({ name, state }: MitigationRecord): boolean => TEMPORARY.includes(name) && IN_EFFECT.includes(state);

type StoreIncident = Pick<IncidentRecord, 'incidentId' | 'finding' | 'closedAtMs' | 'quietSinceMs' | 'dryRun' | 'hurts'>;

/** What takes the store from most servers; one server that is cut off explains nothing about the others' users. */
const TAKES_THE_STORE: readonly Cause[] = ['store-down', 'store-failing-over', 'store-refuses', 'store-full'];

const isCertainlyGone = (finding: Finding | undefined): boolean =>
  finding?.verdict === 'cause' &&
  finding.confidence === 'certain' &&
  finding.about?.instanceId === undefined &&
  TAKES_THE_STORE.includes(finding.cause);

/**
 * What has another cause is not explained. What has none, or likely failed connections (by lines of a log, which anybody can fill), is
 * explained only by an incident that is certain that most servers have no store. One that hurts nobody, or is over, explains nobody's
 * trouble. Pure. @param onset of what hurts these users
 */
export function explainedBy(finding: Finding, onset: Trouble['onset'], storeIncidents: readonly StoreIncident[]): string | undefined {
  const isOfStore = finding.verdict === 'cause' && finding.cause === 'store-connection-failures';
  const isCertain = isOfStore && finding.confidence === 'certain';
  const explains = ({ finding: itsOwn, closedAtMs, quietSinceMs, dryRun, hurts }: StoreIncident) =>
    closedAtMs === undefined &&
    !dryRun &&
    hurts !== false &&
    !isBefore(onset, itsOwn) &&
    !isAfter(onset, quietSinceMs) &&
    ((isCertain && (itsOwn === undefined || itsOwn.verdict === 'cause')) ||
      ((isOfStore || finding.verdict === 'unknown') && isCertainlyGone(itsOwn)));
  return storeIncidents.find(explains)?.incidentId;
}

/** A failure is found by a check a minute or two after the first request that it hurts. */
const FOUND_LATER_MS = 5 * 60_000;
const isBefore = (onset: Trouble['onset'], finding: Finding | undefined): boolean =>
  finding?.verdict === 'cause' && (onset === 'before' || (onset !== null && onset < finding.sinceMs - FOUND_LATER_MS));

/** Its alarms are off, and nobody looks again: those who are hurt since then, or nobody knows since when, are hurt by something else. */
const isAfter = (onset: Trouble['onset'], quietSinceMs: number | undefined): boolean =>
  quietSinceMs !== undefined && (typeof onset !== 'number' || onset > quietSinceMs);

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

/** A changed finding begins the next run in the re-check's own execution; while another run goes on, people get one message of it. */
export async function judgeRecheck(ports: RecheckPorts, run: RunContext, collected: readonly CollectReply[]): Promise<ClassifyReply> {
  const { records, objects, now } = ports;
  const { incidentId, executionArn, runbook } = run;
  const incident = await records.getIncident(incidentId);
  if (incident === undefined || incident.closedAtMs !== undefined) return { verdict: 'SKIP' };
  const evidence = await readParts(objects, run, collected);
  const finding = ports.classify(evidence, runbook);
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
  await putFinding(records, run, { finding, explained });
  return { verdict: 'DONE', run: asRun, finding: finding.verdict, evidenceSha256: sha256 };
}

/** Evidence that is missing takes no finding back: a cause stays until the evidence is firmly against it, or a better one shows. Pure. */
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

/** A finding goes on record with what explains it, while its execution is the incident's. */
export async function putFinding(
  records: Pick<IncidentRecords, 'change'>,
  { incidentId, executionArn }: Pick<RunContext, 'incidentId' | 'executionArn'>,
  { finding, hurts, explained }: { readonly finding: Finding; readonly hurts?: boolean; readonly explained: string | undefined },
): Promise<void> {
  const change = { stage: 'deciding', finding, ...(hurts !== undefined && { hurts }) } as const;
  if (explained === undefined)
    await records.change(incidentId, change, { ifExecution: executionArn, remove: ['lookReported', 'explainedBy'] });
  else await records.change(incidentId, { ...change, explainedBy: explained }, { ifExecution: executionArn, remove: ['lookReported'] });
}
