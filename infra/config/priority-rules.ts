/** Priorities of the rules that Holdfast adds to existing listeners, of all fleets together: AWS would refuse them in mid-deployment. Pure. */
import type { BrokenRule } from './broken-rules.ts';
import { createsTargetGroup, drainsSessions, type FleetConfig } from './fleet.ts';

interface AddedRule {
  readonly fleet: string;
  readonly listenerArn: string;
  /** Key of the configuration, under `existing.listenerRule`, that the priority is from. */
  readonly key: 'priority' | 'drainPriority';
  readonly priority: number;
}

/** The rules that Holdfast adds for a fleet: its own rule, and, if deploys wait for sessions, the rule that keeps sessions on a server. */
function addedRules(name: string, fleet: FleetConfig): readonly AddedRule[] {
  const { listenerArn, listenerRule } = fleet.existing ?? {};
  if (listenerArn === undefined || listenerRule === undefined || !createsTargetGroup(fleet)) return [];
  const { priority, drainPriority = priority - 1 } = listenerRule;
  const of = { fleet: name, listenerArn };
  return [
    { ...of, key: 'priority', priority },
    ...(drainsSessions(fleet) ? [{ ...of, key: 'drainPriority', priority: drainPriority } as const] : []),
  ];
}

/** Two rules of one listener with the same priority; and one between a fleet's drain rule and its own, whose requests the first would take. */
export function priorityRules(fleets: Readonly<Record<string, FleetConfig>>): BrokenRule[] {
  const all = Object.entries(fleets).flatMap(([name, fleet]) => addedRules(name, fleet));
  const refuse = ({ fleet, key }: AddedRule, message: string): BrokenRule => ({
    path: ['fleets', fleet, 'existing', 'listenerRule', key],
    message,
  });
  const others = (rule: AddedRule) => all.filter(({ fleet, listenerArn }) => fleet !== rule.fleet && listenerArn === rule.listenerArn);
  const taken = all.flatMap((rule, index) =>
    others(rule)
      .filter((other) => other.priority === rule.priority && all.indexOf(other) < index)
      .map((other) =>
        refuse(
          rule,
          `is ${rule.priority}, as ${other.key} of fleet ${other.fleet} on the same listener: give each rule a priority of its own`,
        ),
      ),
  );
  const between = all
    .filter(({ key }) => key === 'drainPriority')
    .flatMap((drain) => {
      const own = all.find(({ fleet, key }) => fleet === drain.fleet && key === 'priority');
      return others(drain)
        .filter(({ priority }) => own !== undefined && priority > drain.priority && priority < own.priority)
        .map((other) =>
          refuse(
            drain,
            `is ${drain.priority} and leaves room for the rule of fleet ${other.fleet} (priority ${other.priority}), whose requests the drain rule would take: put it directly above the fleet's own rule, priority ${own?.priority}`,
          ),
        );
    });
  return [...taken, ...between];
}
