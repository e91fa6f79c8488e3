import type { IncidentRecord, MitigationState } from '../../../functions/incidents/contract/incident.ts';
import type { MitigationName } from '../../../functions/incidents/contract/mitigations.ts';
import { mitigationsOf } from '../../../functions/incidents/report/describe-mitigations.ts';
import { describeTags } from '../../../functions/shared/aws/attributes-reader.ts';
import { FLEET_TAG, fleetTagValue, INCIDENT_TAG } from '../../../functions/shared/naming.ts';
import type { Clients } from '../clients.ts';
import type { IncidentLookups, ShownPage } from '../facts.ts';
import type { LoadBalancingLookups } from '../load-balancing/load-balancing-facts.ts';
import { andThen, lookUp } from '../lookup.ts';
import type { Subject } from '../subject.ts';

const PAGE: MitigationName = 're-login-page';
/** States of a mitigation whose rule is there on purpose, or is about to be deleted. */
const HOLDING: readonly MitigationState[] = ['acting', 'verifying', 'done', 'undoing'];

/** The re-login pages that users of the fleet get now, and whether an incident's record knows of each. */
export function gatherShownPages(
  { elb, incidents }: Pick<Clients, 'elb' | 'incidents'>,
  { fleet, installation, recordsTable }: Subject,
  listeners: LoadBalancingLookups['listeners'],
): Promise<IncidentLookups['shownPages']> {
  return andThen(listeners, (found) => {
    const rules = found.flatMap(({ fixedResponses }) => fixedResponses);
    const about = {
      what: `pages that incidents show, in the tags of rules and in table ${recordsTable}`,
      resource: recordsTable,
      action: 'elasticloadbalancing:DescribeTags and dynamodb:GetItem',
    };
    return lookUp(about, async () => {
      const tags = await describeTags(
        elb,
        rules.map(({ ruleArn }) => ruleArn),
      );
      const pages = rules.flatMap((rule) => {
        const ofRule = tags.get(rule.ruleArn);
        const incidentId = ofRule?.get(INCIDENT_TAG);
        return incidentId !== undefined && ofRule?.get(FLEET_TAG) === fleetTagValue(installation, fleet) ? [{ ...rule, incidentId }] : [];
      });
      return Promise.all(
        pages.map(async (page): Promise<ShownPage> => ({ ...page, isHeld: holds(await incidents.getIncident(page.incidentId), fleet) })),
      );
    });
  });
}

/** An incident of the store has a mitigation for each fleet: `re-login-page@web`. */
const holds = (incident: IncidentRecord | undefined, fleet: string): boolean =>
  incident !== undefined &&
  incident.closedAtMs === undefined &&
  mitigationsOf(incident).some(
    ([, { name, state, target }]) => name === PAGE && HOLDING.includes(state) && (target.fleet === undefined || target.fleet === fleet),
  );
