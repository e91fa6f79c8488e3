import type { Finding } from '../contract/causes.ts';
import type { IncidentRecord } from '../contract/incident.ts';

type StoreIncident = Pick<IncidentRecord, 'incidentId' | 'finding' | 'closedAtMs' | 'dryRun'>;

/**
 * The open incident of the store that explains why users are logged out. What has another cause is not explained, and what has none
 * only by an incident that knows its own. Pure.
 */
export function explainedBy(finding: Finding, storeIncidents: readonly StoreIncident[]): string | undefined {
  const isOfStore = finding.verdict === 'cause' && finding.cause === 'store-connection-failures';
  const explains = ({ finding: itsOwn, closedAtMs, dryRun }: StoreIncident) =>
    closedAtMs === undefined &&
    !dryRun &&
    ((isOfStore && itsOwn?.verdict !== 'nothing') || (finding.verdict === 'unknown' && itsOwn?.verdict === 'cause'));
  return storeIncidents.find(explains)?.incidentId;
}
