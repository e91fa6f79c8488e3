import { fleetAlarmName } from '../../shared/naming.ts';
import type { IncidentRecord, MitigationState } from '../contract/incident.ts';

/** While the rule may be there. */
const SHOWING: readonly MitigationState[] = ['acting', 'verifying', 'done', 'undoing', 'leftBehind'];

/**
 * The load balancer counts the page's own 503 as errors of its own: the alarm on these belongs to the incident that shows the page.
 *
 * @param open incidents that are not closed
 * @returns undefined when no page of that fleet is shown: the alarm then means what it says
 */
export function incidentOfPage(installation: string, alarmName: string, open: readonly IncidentRecord[]): IncidentRecord | undefined {
  return open.find(({ closedAtMs, mitigations, fleet }) => {
    if (closedAtMs !== undefined) return false;
    return Object.entries(mitigations).some(([key, mitigation]) => {
      const [name, ofFleet = fleet] = key.split('@');
      if (name !== 're-login-page' || ofFleet === undefined || !SHOWING.includes(mitigation.state)) return false;
      return alarmName === fleetAlarmName(installation, ofFleet, 'load-balancer-5xx');
    });
  });
}
