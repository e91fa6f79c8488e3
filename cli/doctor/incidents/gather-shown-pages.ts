import { DescribeTagsCommand, type ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { IncidentRecord, MitigationState } from '../../../functions/incidents/contract/incident.ts';
import type { MitigationName } from '../../../functions/incidents/contract/mitigations.ts';
import { mitigationsOf } from '../../../functions/incidents/report/mitigations-of.ts';
import { FLEET_TAG, fleetTagValue, INCIDENT_TAG } from '../../../functions/shared/naming.ts';
import type { Clients } from '../clients.ts';
import type { LoadBalancingLookups } from '../load-balancing/facts.ts';
import { andThen, lookUp } from '../lookup.ts';
import type { Subject } from '../subject.ts';
import type { IncidentLookups, ShownPage } from './facts.ts';

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DescribeTags.html */
const TAGGED_AT_ONCE = 20;
const PAGE: MitigationName = 're-login-page';
/** States of a mitigation whose rule is there on purpose, or is about to be deleted. */
const HOLDING: readonly MitigationState[] = ['acting', 'verifying', 'done', 'undoing'];

type Rules = readonly { readonly ruleArn: string; readonly priority: number }[];

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
      const pages = await readTags(elb, rules, fleetTagValue(installation, fleet));
      return Promise.all(
        pages.map(async (page): Promise<ShownPage> => ({ ...page, isHeld: holds(await incidents.getIncident(page.incidentId), fleet) })),
      );
    });
  });
}

async function readTags(elb: ElasticLoadBalancingV2Client, rules: Rules, ofFleet: string): Promise<Omit<ShownPage, 'isHeld'>[]> {
  const found: Omit<ShownPage, 'isHeld'>[] = [];
  for (let at = 0; at < rules.length; at += TAGGED_AT_ONCE) {
    const some = rules.slice(at, at + TAGGED_AT_ONCE);
    const { TagDescriptions = [] } = await elb.send(new DescribeTagsCommand({ ResourceArns: some.map(({ ruleArn }) => ruleArn) }));
    for (const { ResourceArn, Tags = [] } of TagDescriptions) {
      const rule = some.find(({ ruleArn }) => ruleArn === ResourceArn);
      const value = (key: string) => Tags.find(({ Key }) => Key === key)?.Value;
      const incidentId = value(INCIDENT_TAG);
      if (rule && incidentId !== undefined && value(FLEET_TAG) === ofFleet) found.push({ ...rule, incidentId });
    }
  }
  return found;
}

/** An incident of the store has a mitigation for each fleet: `re-login-page@web`. */
const holds = (incident: IncidentRecord | undefined, fleet: string): boolean =>
  incident !== undefined &&
  incident.closedAtMs === undefined &&
  mitigationsOf(incident).some(
    ([, { name, state, target }]) => name === PAGE && HOLDING.includes(state) && (target.fleet === undefined || target.fleet === fleet),
  );
