import { explainedBy } from '../classify/explained-by.ts';
import type { Finding } from '../contract/causes.ts';
import type { Evidence } from '../contract/evidence.ts';
import type { IncidentRecord } from '../contract/incident.ts';
import type { IncidentRecords } from '../records/incident-records.ts';
import { fingerprintOf } from '../records/open-or-join.ts';
import { troubleOf } from '../trouble/trouble.ts';

/** The id of the open incident of the store that explains why users are logged out: of all fleets, or of this one. */
export async function findExplainingIncident(
  records: Pick<IncidentRecords, 'getIncident' | 'getPointer'>,
  { runbook, fleet, dryRun }: Pick<IncidentRecord, 'runbook' | 'fleet' | 'dryRun'>,
  finding: Finding,
  evidence: Evidence,
): Promise<string | undefined> {
  if (runbook !== 'logged-out' || dryRun) return undefined;
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
