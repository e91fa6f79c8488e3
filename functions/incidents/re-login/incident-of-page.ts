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
  return open.find(({ closedAtMs, mitigations }) => {
    if (closedAtMs !== undefined) return false;
    return Object.values(mitigations).some((mitigation) => {
      const shows = mitigation?.name === 're-login-page' && SHOWING.includes(mitigation.state) && mitigation.target.fleet;
      return shows && alarmName === fleetAlarmName(installation, shows, 'load-balancer-5xx');
    });
  });
}
