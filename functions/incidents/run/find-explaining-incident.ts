import type { Cause, Finding } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord, MitigationRecord, MitigationState } from '../contract/incident.ts';
import { TEMPORARY } from '../contract/mitigations.ts';
import type { IncidentRecords } from '../records/incident-records.ts';
import { fingerprintOf } from '../records/open-or-join.ts';
import { mitigationsOf } from '../report/describe-mitigations.ts';
import { type Trouble, troubleOf } from '../trouble/trouble.ts';

/**
 * The id of the open incident of the store that explains why users are logged out: of all fleets, or of this one. None explains one that
 * bridges the outage itself: people get a message when that expires, or cannot be undone.
 */
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
 * The open incident of the store that explains why users are logged out. What has another cause is not explained. What has none, or
 * likely failed connections (by lines of a log, which anybody can fill), is explained only by an incident that is certain that most
 * servers have no store: an incident that is explained notifies nobody. One whose own trouble hurts nobody, or is over, explains nobody's, and none
 * explains those who were hurt before it began. Pure.
 * @param onset of what hurts these users
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
