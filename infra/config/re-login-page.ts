/** The re-login page of a fleet, and what is wrong with it before anything is deployed. Pure. */

import {
  MOST_BODY_BYTES,
  MOST_CONDITION_VALUES,
  MOST_WILDCARDS,
  type ReLoginPage,
} from '../../functions/incidents/contract/environment.ts';
import { reLoginHtml } from '../../functions/incidents/re-login/choose-rule.ts';
import { type BrokenRule, collectBrokenRules } from './broken-rules.ts';
import { createsLoadBalancer, type FleetConfig } from './fleet.ts';
import { DEFAULT_PAGE } from './fleet-incidents.ts';

const EVERY_PATH = '/*';

/** @returns undefined without a page: it is `false`, or the fleet's target group exists and the configuration names nothing */
export function reLoginPageOf(fleet: FleetConfig): ReLoginPage | undefined {
  const configured = fleet.incidents.reLoginPage;
  if (configured === false) return undefined;
  const own = ownConditions(fleet);
  if (configured === undefined && own === undefined) return undefined;
  const page = configured ?? DEFAULT_PAGE;
  const hosts = page.hosts ?? own?.hosts ?? [];
  const paths = page.paths ?? own?.paths ?? [];
  return { ...page, hosts, paths };
}

/** What Holdfast's own listener or rule forwards to the fleet. */
function ownConditions(fleet: FleetConfig): Pick<ReLoginPage, 'hosts' | 'paths'> | undefined {
  if (createsLoadBalancer(fleet)) return { hosts: [], paths: [EVERY_PATH] };
  return fleet.existing?.listenerRule;
}

/** What AWS would refuse only in the middle of an incident. */
export function reLoginPageRules(fleet: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('incidents', 'reLoginPage');
  const page = reLoginPageOf(fleet);
  const isConfigured = typeof fleet.incidents.reLoginPage === 'object';
  if (!page || !isConfigured) return broken;
  const values = [...page.hosts, ...page.paths];
  if (values.length === 0)
    refuse("needs hosts or paths: the load balancer shows the page for these alone, and Holdfast does not know which are the fleet's");
  if (values.length > MOST_CONDITION_VALUES)
    refuse(`has ${values.length} hosts and paths together, and a listener rule takes at most ${MOST_CONDITION_VALUES}`);
  const { spare = [] } = page;
  if (spare.length > 0 && page.hosts.length >= MOST_CONDITION_VALUES)
    refuse(
      `needs room for one path next to ${page.hosts.length} hosts, and a listener rule takes at most ${MOST_CONDITION_VALUES}`,
      'spare',
    );
  const wildcards = values.join('').replace(/[^*?]/g, '').length;
  if (wildcards > MOST_WILDCARDS) refuse(`has ${wildcards} wildcards, and a listener rule takes at most ${MOST_WILDCARDS}`);
  const { hosts: ownHosts = [], priority } = fleet.existing?.listenerRule ?? {};
  if (ownHosts.length > 0 && page.hosts.length === 0)
    refuse(`is empty, and the page would cover every host of the listener: name hosts, such as ${ownHosts.join(', ')}`, 'hosts');
  const { first, last } = page.priorities;
  if (first > last) refuse(`${first} is above priorities.last, ${last}`, 'priorities', 'first');
  if (priority !== undefined && first >= priority)
    refuse(
      priority === 1
        ? 'no priority comes before existing.listenerRule.priority, which is 1: set that to 2 or more, or reLoginPage to false'
        : `${first} does not come before existing.listenerRule.priority, ${priority}: the page has to be above the rule that forwards`,
      'priorities',
      'first',
    );
  const bytes = Buffer.byteLength(reLoginHtml(page));
  if (bytes > MOST_BODY_BYTES)
    refuse(`would have ${bytes} bytes as HTML, and a fixed response has at most ${MOST_BODY_BYTES}: shorten title, message or retry`);
  return broken;
}

export function criticalActionRules(fleet: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  if (!fleet.incidents.criticalActions) return broken;
  if (fleet.awsAccess === false)
    refuse('must not be false with incidents.criticalActions: the application writes its table itself', 'awsAccess');
  if (fleet.members !== 'autoScalingGroup' || fleet.existing?.autoScalingGroupName) {
    if (!fleet.existing?.instanceRoleName)
      refuse(
        "is required with incidents.criticalActions: Holdfast allows the servers' role to use the table",
        'existing',
        'instanceRoleName',
      );
  }
  return broken;
}
