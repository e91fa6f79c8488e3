/** Rules that join several values of a configuration: what AWS would reject only after minutes of deploying. */
import { LONGEST_WAIT_IN_TIMEOUTS } from '../../functions/deploy/assess/choose-next-target.ts';
import { GATE_ON } from '../../functions/deploy/contract/environment.ts';
import { LONGEST_ROLL_SECONDS, longestRollSeconds } from '../../functions/deploy/sessions/judge-routes.ts';
import { withDerived } from '../../functions/deploy/settings/read-settings.ts';
import { blindDrainSeconds, findUnfitTime } from '../../functions/instance/drain-times.ts';
import { sumOf } from '../../functions/shared/arithmetic.ts';
import { INCIDENTS_PART, STORE_PART } from '../../functions/shared/naming.ts';
import { sessionManagerOf } from './app-kind.ts';
import { type BrokenRule, collectBrokenRules, under } from './broken-rules.ts';
import { bundleRules } from './bundle-rules.ts';
import { canaryRules } from './canary.ts';
import { clusterRules } from './cluster-rules.ts';
import { environmentRules } from './environment.ts';
import { existingFleetRules, existingNetworkRules, existingStoreRules, type Place, sharedByFleets } from './existing-rules.ts';
import { createsGroup, createsLoadBalancer, createsTargetGroup, drainsSessions, type FleetConfig, mostServers } from './fleet.ts';
import type { HoldfastConfig } from './installation.ts';
import { namedSessionRules } from './named-session-rules.ts';
import { sessionGateOf, sessionGateRules } from './own-session-gate.ts';
import { criticalActionRules, reLoginPageRules } from './re-login-page.ts';
import { sessionDrainRules } from './session-drain-rules.ts';
import { sessionRules } from './session-rules.ts';
import type { CreatedStore } from './store.ts';
import { windowProblems } from './store-windows.ts';

/** In a /22, the size of the network's subnets. */
const SUBNET_ADDRESSES = 1_024;
/** The name of a load balancer and a target group is `INSTALLATION-FLEET`. */
const LONGEST_LOAD_BALANCER_NAME = 32;
/** The target group's attribute deregistration_delay.timeout_seconds. */
const LONGEST_DEREGISTRATION_DELAY_SECONDS = 3_600;
/**
 * An execution's history ends at 25,000 events. A slice of a drain takes 12 of them (send 5, check 5, choice 2), and a
 * target's other phases some 700: 25,000 / 12 = 2,083 slices, rounded down to leave room for those phases.
 */
const SLICES_OF_ONE_DRAIN = 2_000;
/**
 * A poll of the deploy's own machine takes 9 events (wait 2, check 5, choice 2), the longest wait for the store 180 times 14,
 * and a target 29 with its store check: 1,800 polls leave room for 200 targets.
 */
const POLLS_OF_ONE_DEPLOY = 1_800;
/** The environment of a fleet's functions, 4 KB, holds their names next to its other settings. */
const MOST_OWN_ALARMS = 20;

export function brokenRules(config: HoldfastConfig): BrokenRule[] {
  const fleets = Object.entries(config.fleets).flatMap(([name, fleet]) =>
    under(['fleets', name], [...namingRules(config.installation, name), ...fleetRules(config, fleet)]),
  );
  return [
    ...networkRules(config),
    ...storeRules(config),
    ...fleets,
    ...sharedByFleets(config.fleets),
    ...priorityRules(config.fleets),
    ...sessionRules(config),
    ...namedSessionRules(config),
    ...storeRuleLimit(config),
  ];
}

const placeOf = ({ region, account, network }: HoldfastConfig): Place => ({
  region,
  account,
  hasExistingNetwork: network.existing !== undefined,
});

function networkRules({ network, zones }: HoldfastConfig): BrokenRule[] {
  if (network.existing) return under(['network'], existingNetworkRules(network.existing));
  const { broken, refuse } = collectBrokenRules();
  if (new Set(zones).size < zones.length) refuse('contains a zone twice: each subnet needs a zone of its own', 'zones');
  const subnets = 2 * zones.length;
  if (subnets * SUBNET_ADDRESSES > 2 ** (32 - Number(network.cidr.split('/')[1]))) {
    refuse(`has no room for ${subnets} subnets of ${SUBNET_ADDRESSES} addresses, two per zone`, 'network', 'cidr');
  }
  return broken;
}

function storeRules(config: HoldfastConfig): BrokenRule[] {
  const { retention, store } = config;
  return store.existing ? under(['store'], existingStoreRules(store.existing, placeOf(config))) : createdStoreRules(retention, store);
}

function createdStoreRules(retention: HoldfastConfig['retention'], store: CreatedStore): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('store');
  if (retention === 'ephemeral' && store.snapshotRetentionDays > 1) {
    refuse(
      'is more than a day, the maximum with retention "ephemeral": set store.snapshotRetentionDays to 0 or 1',
      'snapshotRetentionDays',
    );
  }
  for (const { key, message } of windowProblems(store)) refuse(message, key);
  const version = Number(store.engineVersion);
  if (store.engine === 'valkey' ? version < 7.2 : version < 7 || version >= 8) {
    refuse(`is not a version of ${store.engine} with IAM users: they need Valkey 7.2 or later, or Redis OSS 7.0 to 7.1`, 'engineVersion');
  }
  return broken;
}

function namingRules(installation: string, fleet: string): BrokenRule[] {
  const name = `${installation}-${fleet}`;
  const { broken, refuse } = collectBrokenRules();
  const refuseName = (why: string) => refuse(`its load balancer cannot have the name ${JSON.stringify(name)}: ${why}`);
  // The names of its stacks and functions would collide with those that watch the session store.
  if (fleet === STORE_PART) refuse(`"${STORE_PART}" cannot be the name of a fleet: Holdfast uses it for what watches the session store`);
  if (fleet === INCIDENTS_PART) refuse(`"${INCIDENTS_PART}" cannot be the name of a fleet: Holdfast uses it for what works on incidents`);
  if (name.length > LONGEST_LOAD_BALANCER_NAME)
    refuseName(`it has ${name.length} characters, and the maximum is ${LONGEST_LOAD_BALANCER_NAME}`);
  if (name.includes('--') || name.endsWith('-')) refuseName('it must not contain "--" or end with "-"');
  if (name.startsWith('internal-')) refuseName('AWS reserves "internal-"');
  return broken;
}

function fleetRules(config: HoldfastConfig, fleet: FleetConfig): BrokenRule[] {
  return [
    ...existingFleetRules(fleet, placeOf(config)),
    ...createdFleetRules(config.region, fleet),
    ...deployRules(fleet.deploy),
    ...limitRules(fleet),
    ...sessionDrainRules(fleet),
    ...appRules(fleet),
    ...bundleRules(fleet),
    ...environmentRules(fleet, config.region),
    ...stickinessRules(fleet),
    ...clusterRules(fleet),
    ...healthRules(fleet),
    ...reLoginPageRules(fleet),
    ...criticalActionRules(fleet),
    ...canaryRules(fleet),
    ...sessionGateRules(fleet),
  ];
}

/** Refuses a `maxParallel` that the fleet can never reach. Only a number of servers can be too large: a percentage fits every size. */
function limitRules(fleet: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('deploy');
  const { maxParallel, minimumHealthyTargets } = fleet.deploy;
  const servers = mostServers(fleet);
  if (servers === undefined || typeof maxParallel !== 'number' || maxParallel === 1) return broken;
  const possible = servers - minimumHealthyTargets;
  if (maxParallel > possible)
    refuse(
      `is ${maxParallel}, and minimumHealthyTargets ${minimumHealthyTargets} of at most ${servers} servers allows ${Math.max(possible, 0)}: lower it, or set a percentage`,
      'maxParallel',
    );
  return broken;
}

function deployRules(deploy: FleetConfig['deploy']): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('deploy');
  const delay = deploy.deregistrationDelaySeconds;
  const settings = withDerived(deploy);
  if (!Number.isInteger(delay) || delay > LONGEST_DEREGISTRATION_DELAY_SECONDS) {
    refuse(`is not a whole number from 0 to ${LONGEST_DEREGISTRATION_DELAY_SECONDS}`, 'deregistrationDelaySeconds');
  }
  const own = deploy.alarmNames.length;
  if (own > MOST_OWN_ALARMS)
    refuse(`has ${own} names, and the maximum is ${MOST_OWN_ALARMS}: join some to a composite alarm`, 'alarmNames');
  const unfit = findUnfitTime(settings);
  if (unfit) refuse(unfit.why, unfit.setting);
  const roll = longestRollSeconds(settings);
  if (roll > LONGEST_ROLL_SECONDS) {
    refuse(`allows ${roll} s per target (drain, install, health, register, bake), and the maximum is ${LONGEST_ROLL_SECONDS} s`);
  }
  const longestDrain = SLICES_OF_ONE_DRAIN * deploy.drainSliceSeconds;
  if (blindDrainSeconds(settings) > longestDrain) {
    refuse(`is too short: a drain of ${SLICES_OF_ONE_DRAIN} slices would end before the deregistration delay`, 'drainSliceSeconds');
  }
  if (!Number.isInteger(deploy.launchPollSeconds) || deploy.launchPollSeconds < 1) {
    refuse('is not a whole number above 0: a state machine waits whole seconds', 'launchPollSeconds');
  }
  if (!Number.isInteger(deploy.pollSeconds) || deploy.pollSeconds < 1) {
    refuse('is not a whole number above 0: a state machine waits whole seconds', 'pollSeconds');
  } else if (deploy.settleSeconds + LONGEST_WAIT_IN_TIMEOUTS * deploy.newcomerTimeoutSeconds > POLLS_OF_ONE_DEPLOY * deploy.pollSeconds) {
    refuse(`is too short: ${POLLS_OF_ONE_DEPLOY} polls do not cover settleSeconds and twice newcomerTimeoutSeconds`, 'pollSeconds');
  }
  return broken;
}

function createdFleetRules(region: string, fleet: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  if (createsLoadBalancer(fleet)) {
    if (fleet.certificateArn === undefined && !fleet.allowPlainHttp) {
      refuse('has neither certificateArn nor allowPlainHttp: true; anyone on the network path can read sessions sent over plain HTTP');
    }
    if (fleet.certificateArn !== undefined && fleet.certificateArn.split(':')[3] !== region) {
      refuse(`is not in ${region}: a load balancer accepts certificates of its own Region only`, 'certificateArn');
    }
  }
  if (createsGroup(fleet) && (fleet.maxCapacity ?? fleet.minCapacity) < fleet.minCapacity) {
    refuse(`is below minCapacity (${fleet.minCapacity})`, 'maxCapacity');
  }
  if (createsTargetGroup(fleet) && fleet.healthCheckTimeoutSeconds >= fleet.healthCheckIntervalSeconds) {
    refuse(`is not below healthCheckIntervalSeconds (${fleet.healthCheckIntervalSeconds})`, 'healthCheckTimeoutSeconds');
  }
  return broken;
}

/** What the placeholder answers on a server without a release. */
const PLACEHOLDER_STATUS = 200;

function healthRules(fleet: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  const { healthStatus, app } = fleet;
  if (healthStatus === undefined) return broken;
  const key = app === undefined ? ['healthStatus'] : app.kind === 'bundle' ? ['app', 'healthStatus'] : ['app', 'health', 'status'];
  const ranges = healthStatus.split(',').map((part) => part.split('-').map(Number));
  const descending = ranges.find(([lowest = 0, highest = lowest]) => highest < lowest);
  if (descending) refuse(`has the range ${descending.join('-')}, whose end is below its beginning`, ...key);
  else if (createsGroup(fleet) && !ranges.some(([lowest = 0, highest = lowest]) => isWithin(PLACEHOLDER_STATUS, lowest, highest))) {
    refuse(
      `is ${healthStatus}, without ${PLACEHOLDER_STATUS}: a new server answers that until it has a release, so that it would be replaced without end; write "${PLACEHOLDER_STATUS},${healthStatus}"`,
      ...key,
    );
  }
  return broken;
}

const isWithin = (code: number, lowest: number, highest: number): boolean => lowest <= code && code <= highest;

/** How many inbound rules the store's security group gets: one for each function, and for each fleet's servers, that connect to it. */
export function inboundRulesOfStore({ fleets, store, incidents }: HoldfastConfig): number {
  if (store.existing && store.existing.securityGroupId === undefined) return 0;
  const ofFleets = Object.values(fleets).map((fleet) => {
    const named = fleet.existing?.instanceSecurityGroupId !== undefined;
    const servers = named ? store.existing === undefined : createsGroup(fleet);
    return 1 + (servers ? 1 : 0);
  });
  // The sweeper and the collector, and what an incident reads from the store.
  return 2 + (incidents.enabled ? 1 : 0) + sumOf(ofFleets);
}

/** EC2 would refuse the rule of the last fleets, and their stacks would be rolled back. */
export function storeRuleLimit(config: HoldfastConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('fleets');
  const rules = inboundRulesOfStore(config);
  const most = config.store.rulesPerSecurityGroup;
  if (rules > most)
    refuse(
      `has ${Object.keys(config.fleets).length} fleets, which make ${rules} inbound rules of the session store's security group, and store.rulesPerSecurityGroup allows ${most}: divide the fleets among several installations, or have AWS raise the quota "Inbound or outbound rules per security group" (Service Quotas), and then set store.rulesPerSecurityGroup to it`,
    );
  return broken;
}

/** Refuses stickiness where the strategy has it by itself. */
function stickinessRules({ strategy, stickiness }: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules();
  if (stickiness && strategy !== 'redis')
    refuse(
      `applies to the strategy redis, in which any server can go on with a session; with "${strategy}" the load balancer always keeps users on their server: remove it, or set strategy to redis`,
      'stickiness',
    );
  return broken;
}

function appRules({ app, port, strategy, healthPath, healthStatus }: FleetConfig): BrokenRule[] {
  const { broken, refuse } = collectBrokenRules('app');
  if (app?.kind !== 'tomcat') return broken;
  if ((app.home === undefined) === (app.archive === undefined)) {
    refuse("needs one of home (Tomcat's folder on the servers) and archive (Tomcat's own, which becomes a part of each release)");
  }
  if (app.statusPort === port) refuse(`is the fleet's port too: the counts need one of their own`, 'statusPort');
  if (healthPath !== undefined && healthPath !== app.health.loadBalancer) {
    refuse(`is not the fleet's healthPath (${healthPath}): remove healthPath, which follows from this one`, 'health', 'loadBalancer');
  }
  if (healthStatus !== undefined && healthStatus !== app.health.status) {
    refuse(`is not the fleet's healthStatus (${healthStatus}): remove healthStatus, which follows from this one`, 'health', 'status');
  }
  const manager = sessionManagerOf({ app, strategy });
  // Redisson with strategy sticky is allowed: it is the middle of a migration to redis, in which stickiness stays on until every server
  // reads sessions from the store.
  if (manager === 'redisson' && strategy === 'tomcat-cluster') {
    refuse(`keeps sessions in the store, and the fleet's strategy is ${strategy}: remove one of them`, 'sessionManager');
  }
  if (manager === 'memory' && strategy === 'redis') {
    refuse(
      `keeps sessions in the memory of one server, and with the strategy redis a user's requests go to all of them: remove it, or set strategy to sticky`,
      'sessionManager',
    );
  }
  if (manager === 'redisson' && app.libraries === undefined) {
    refuse(
      "is missing: with the strategy redis sessions are kept by Redisson's Tomcat manager, whose jars belong there (or set sessionManager to application)",
      'libraries',
    );
  }
  return broken;
}

/** Priorities of the rules that Holdfast adds to existing listeners, of all fleets together: AWS would refuse them in mid-deployment. Pure. */
interface AddedRule {
  readonly fleet: string;
  readonly listenerArn: string;
  /** Key of the configuration, under `existing.listenerRule`, that the priority is from. */
  readonly key: 'priority' | 'drainPriority' | 'gatePriority';
  readonly priority: number;
}

/** The rules that Holdfast adds for a fleet: its own rule, that of session gates, and, if deploys wait for sessions, the rule that keeps them on a server. */
function addedRules(name: string, fleet: FleetConfig): readonly AddedRule[] {
  const { listenerArn, listenerRule } = fleet.existing ?? {};
  if (listenerArn === undefined || listenerRule === undefined || !createsTargetGroup(fleet)) return [];
  const { priority, drainPriority = priority - 1, gatePriority } = listenerRule;
  const of = { fleet: name, listenerArn };
  return [
    { ...of, key: 'priority', priority },
    ...(drainsSessions(fleet) ? [{ ...of, key: 'drainPriority', priority: drainPriority } as const] : []),
    ...(gatePriority !== undefined && sessionGateOf(fleet) === GATE_ON
      ? [{ ...of, key: 'gatePriority', priority: gatePriority } as const]
      : []),
  ];
}

/** Two rules of one listener with the same priority; and one between a fleet's drain rule and its own, whose requests the first would take. */
function priorityRules(fleets: Readonly<Record<string, FleetConfig>>): BrokenRule[] {
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
        .filter(({ key, priority }) => key !== 'gatePriority' && own !== undefined && priority > drain.priority && priority < own.priority)
        .map((other) =>
          refuse(
            drain,
            `is ${drain.priority} and leaves room for the rule of fleet ${other.fleet} (priority ${other.priority}), whose requests the drain rule would take: put it directly above the fleet's own rule, priority ${own?.priority}`,
          ),
        );
    });
  return [...taken, ...between];
}
