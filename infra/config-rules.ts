/** Rules of a configuration that join several of its values: what AWS would refuse only after minutes of deploying. */
import { resolveSettings } from '../functions/deploy/validate-input.ts';
import { STORE_PART } from '../functions/shared/naming.ts';
import { namedFleetRules, namedNetworkRules, namedStoreRules, type Place, sharedByFleets } from './config/existing-rules.ts';
import { makesGroup, makesLoadBalancer, makesTargetGroup } from './config/fleet.ts';
import type { CreatedStore } from './config/store.ts';
import type { FleetConfig, HoldfastConfig } from './config.ts';

export interface BrokenRule {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** A /22, by the network's subnets. */
const SUBNET_ADDRESSES = 1_024;
/** Load balancers and target groups are named `INSTALLATION-FLEET`. */
const LONGEST_LOAD_BALANCER_NAME = 32;
/** The target group's attribute deregistration_delay.timeout_seconds. */
const LONGEST_DEREGISTRATION_DELAY_SECONDS = 3_600;
/**
 * A history ends at 25,000 events. A slice of a drain takes 12 of them (send 5, look 5, choice 2), and a target's other
 * phases some 700: 25,000 / 12 = 2,083 slices, rounded down for these.
 */
const SLICES_OF_ONE_DRAIN = 2_000;
/**
 * A poll of the deploy's own machine takes 9 events (wait 2, look 5, choice 2), the longest wait for the store 180 times 14,
 * and a target 29 with its look at the store: 1,800 polls leave room for 200 targets.
 */
const POLLS_OF_ONE_DEPLOY = 1_800;
/** Below the 3 hours after which the machine that rolls one target times out, which runs no clean-up. */
const LONGEST_ROLL_SECONDS = 10_000;

/** Every rule that a configuration breaks whose single values are right. */
export function brokenRules(config: HoldfastConfig): BrokenRule[] {
  const fleets = Object.entries(config.fleets).flatMap(([name, fleet]) =>
    [...namingRules(config.installation, name), ...fleetRules(config, fleet)].map((rule) => ({
      ...rule,
      path: ['fleets', name, ...rule.path],
    })),
  );
  return [...networkRules(config), ...storeRules(config), ...fleets, ...sharedByFleets(config.fleets)];
}

const placeOf = ({ region, account, network }: HoldfastConfig): Place => ({
  region,
  account,
  networkIsNamed: network.existing !== undefined,
});
const under = (part: string, rules: readonly BrokenRule[]) => rules.map((rule) => ({ ...rule, path: [part, ...rule.path] }));

function networkRules({ network, zones }: HoldfastConfig): BrokenRule[] {
  if (network.existing) return under('network', namedNetworkRules(network.existing));
  const broken: BrokenRule[] = [];
  if (new Set(zones).size < zones.length)
    broken.push({ path: ['zones'], message: 'names a zone twice: each subnet has a zone of its own' });
  const subnets = 2 * zones.length;
  if (subnets * SUBNET_ADDRESSES > 2 ** (32 - Number(network.cidr.split('/')[1]))) {
    broken.push({ path: ['network', 'cidr'], message: `has no room for ${subnets} subnets of ${SUBNET_ADDRESSES} addresses, two a zone` });
  }
  return broken;
}

function storeRules(config: HoldfastConfig): BrokenRule[] {
  const { retention, store } = config;
  return store.existing ? under('store', namedStoreRules(store.existing, placeOf(config))) : createdStoreRules(retention, store);
}

function createdStoreRules(retention: HoldfastConfig['retention'], store: CreatedStore): BrokenRule[] {
  const broken: BrokenRule[] = [];
  if (retention === 'ephemeral' && store.snapshotRetentionDays > 1) {
    broken.push({
      path: ['store', 'snapshotRetentionDays'],
      message: 'retention "ephemeral" keeps no snapshots beyond one day: set store.snapshotRetentionDays to 0 or 1',
    });
  }
  const version = Number(store.engineVersion);
  if (store.engine === 'valkey' ? version < 7.2 : version < 7 || version >= 8) {
    broken.push({
      path: ['store', 'engineVersion'],
      message: `is no version of ${store.engine} that takes IAM users: Valkey from 7.2 on, Redis OSS from 7.0 to 7.1`,
    });
  }
  return broken;
}

function namingRules(installation: string, fleet: string): BrokenRule[] {
  const name = `${installation}-${fleet}`;
  const broken: BrokenRule[] = [];
  const refuse = (message: string) =>
    broken.push({ path: [], message: `${JSON.stringify(name)} would be its load balancer's name: ${message}` });
  // Its stacks and functions would have their names.
  if (fleet === STORE_PART)
    broken.push({ path: [], message: `"${STORE_PART}" is no fleet's name: it is that of what watches the session store` });
  if (name.length > LONGEST_LOAD_BALANCER_NAME) refuse(`it has ${name.length} characters, and ${LONGEST_LOAD_BALANCER_NAME} are allowed`);
  if (name.includes('--') || name.endsWith('-')) refuse('a hyphen may neither be doubled nor come last');
  if (name.startsWith('internal-')) refuse('AWS keeps "internal-" for itself');
  return broken;
}

function fleetRules(config: HoldfastConfig, fleet: FleetConfig): BrokenRule[] {
  const { deploy } = fleet;
  const broken: BrokenRule[] = [...namedFleetRules(fleet, placeOf(config)), ...createdFleetRules(config.region, fleet)];
  const refuse = (message: string, ...path: string[]) => broken.push({ path, message });
  const delay = deploy.deregistrationDelaySeconds;
  if (!Number.isInteger(delay) || delay > LONGEST_DEREGISTRATION_DELAY_SECONDS) {
    refuse(`is not a whole number from 0 to ${LONGEST_DEREGISTRATION_DELAY_SECONDS}`, 'deploy', 'deregistrationDelaySeconds');
  }
  const roll = longestRollSeconds(deploy);
  if (roll > LONGEST_ROLL_SECONDS) {
    refuse(`one target may take ${roll} s (drain, install, health, register, bake), and ${LONGEST_ROLL_SECONDS} s are allowed`, 'deploy');
  }
  const longestDrain = SLICES_OF_ONE_DRAIN * deploy.drainSliceSeconds;
  if (resolveSettings(deploy, '').drainTimeoutSeconds > longestDrain) {
    refuse(`is too short: a drain of ${SLICES_OF_ONE_DRAIN} slices would end before drainTimeoutSeconds`, 'deploy', 'drainSliceSeconds');
  }
  if (!Number.isInteger(deploy.launchPollSeconds) || deploy.launchPollSeconds < 1) {
    refuse('is not a whole number above 0: a state machine waits whole seconds', 'deploy', 'launchPollSeconds');
  }
  if (!Number.isInteger(deploy.pollSeconds) || deploy.pollSeconds < 1) {
    refuse('is not a whole number above 0: a state machine waits whole seconds', 'deploy', 'pollSeconds');
  } else if (deploy.settleSeconds + deploy.newcomerTimeoutSeconds > POLLS_OF_ONE_DEPLOY * deploy.pollSeconds) {
    refuse(
      `is too short: ${POLLS_OF_ONE_DEPLOY} polls do not reach the end of settleSeconds and newcomerTimeoutSeconds`,
      'deploy',
      'pollSeconds',
    );
  }
  return broken;
}

/** Of what Holdfast makes for the fleet. */
function createdFleetRules(region: string, fleet: FleetConfig): BrokenRule[] {
  const broken: BrokenRule[] = [];
  const refuse = (message: string, ...path: string[]) => broken.push({ path, message });
  if (makesLoadBalancer(fleet)) {
    if (fleet.certificateArn === undefined && !fleet.allowPlainHttp) {
      refuse('has neither certificateArn nor allowPlainHttp: true; sessions over plain HTTP can be read by anyone on the way');
    }
    if (fleet.certificateArn !== undefined && fleet.certificateArn.split(':')[3] !== region) {
      refuse(`is not in ${region}: a load balancer takes certificates of its own Region only`, 'certificateArn');
    }
  }
  if (makesGroup(fleet) && (fleet.maxCapacity ?? fleet.minCapacity) < fleet.minCapacity) {
    refuse(`is below minCapacity (${fleet.minCapacity})`, 'maxCapacity');
  }
  if (makesTargetGroup(fleet) && fleet.healthCheckTimeoutSeconds >= fleet.healthCheckIntervalSeconds) {
    refuse(`is not below healthCheckIntervalSeconds (${fleet.healthCheckIntervalSeconds})`, 'healthCheckTimeoutSeconds');
  }
  return broken;
}

function longestRollSeconds(deploy: FleetConfig['deploy']): number {
  const { drainTimeoutSeconds } = resolveSettings(deploy, '');
  return (
    drainTimeoutSeconds + deploy.installTimeoutSeconds + deploy.healthDeadlineSeconds + deploy.registerTimeoutSeconds + deploy.bakeSeconds
  );
}
