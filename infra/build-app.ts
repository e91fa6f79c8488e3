import {
  Annotations,
  CliCredentialsStackSynthesizer,
  type Environment,
  type IStackSynthesizer,
  Stack,
  type aws_sns as sns,
  Tags,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { FLEET_TAG, fleetTagValue, releasesStackName, terminationProtectionStackName } from '../functions/shared/naming.ts';
import { checkConfiguration } from './checks.ts';
import type { HoldfastConfig } from './config.ts';
import { createdNetwork, existingNetwork } from './constructs/network.ts';
import { createdStore, existingStore } from './constructs/store/store-endpoint.ts';
import type { StorePolicies } from './constructs/store/store-policies.ts';
import { checkLimits } from './limits/check-templates.ts';
import { AlarmsStack } from './stacks/alarms-stack.ts';
import { DeployStack } from './stacks/deploy-stack.ts';
import { IncidentsStack } from './stacks/incidents-stack.ts';
import { NetworkStack } from './stacks/network-stack.ts';
import { ReleasesStack } from './stacks/releases-stack.ts';
import { SessionStoreStack } from './stacks/session-store-stack.ts';
import { StoreOperationsStack } from './stacks/store-operations-stack.ts';
import { TerminationProtectionStack } from './stacks/termination-protection-stack.ts';
import { WebTierStack } from './stacks/web-tier-stack.ts';

export interface BuiltStacks {
  readonly stacks: readonly Stack[];
  readonly alarmsTopic: sns.ITopic;
  readonly deploys: Readonly<Record<string, DeployStack>>;
  /** With store.sessions. */
  readonly storePolicies: StorePolicies | undefined;
}

/**
 * Every stack of an installation: one for the network, the session store, its operations, the releases and the alarms' topic;
 * and two per fleet, the web tier and the deploy. An installation that watches an existing store can have no fleet. An existing network or store has no stack. A web tier's stack contains
 * the parts that do not exist yet, the alarms and what handles launches. With the retention `protected`, an empty stack under
 * termination protection comes last.
 * @param app an app, or a stage of one
 * @param synthesizer of the stacks @default by the configuration's `credentials`
 */
export function buildApp(app: Construct, config: HoldfastConfig, synthesizer?: IStackSynthesizer): BuiltStacks {
  const before = new Set(app.node.children);
  const env: Environment = { region: config.region, ...(config.account && { account: config.account }) };
  const common = () => ({
    config,
    env,
    ...(config.credentials === 'cli' && { synthesizer: new CliCredentialsStackSynthesizer() }),
    ...(synthesizer && { synthesizer }),
  });
  const own = () => app.node.children.filter((child) => Stack.isStack(child) && !before.has(child)) as Stack[];
  const name = (part: string) => `${config.installation}-${part}`;

  const network = config.network.existing
    ? existingNetwork(config.network.existing)
    : createdNetwork(new NetworkStack(app, name('network'), { ...common(), cidr: config.network.cidr }));
  const releases = new ReleasesStack(app, releasesStackName(config.installation), common());
  const store = config.store.existing
    ? existingStore(config, config.store.existing)
    : createdStore(new SessionStoreStack(app, name('session-store'), { ...common(), store: config.store, network, releases }));
  const alarmsTopic = new AlarmsStack(app, name('alarms'), common()).topic;
  const operations = new StoreOperationsStack(app, name('store-operations'), {
    ...common(),
    network,
    store,
    existing: config.store.existing,
    releases,
    alarmsTopic,
  });
  const webTiers: Record<string, WebTierStack> = {};
  const deploys: Record<string, DeployStack> = {};
  for (const [fleetName, fleet] of Object.entries(config.fleets)) {
    const shared = { fleetName, fleet, network, releases, store, alarmsTopic };
    const webTier = new WebTierStack(app, name(`${fleetName}-web-tier`), { ...common(), ...shared });
    webTiers[fleetName] = webTier;
    const deploy = new DeployStack(app, name(`${fleetName}-deploy`), { ...common(), ...shared, webTier });
    deploys[fleetName] = deploy;
    for (const stack of [webTier, deploy]) Tags.of(stack).add(FLEET_TAG, fleetTagValue(config.installation, fleetName));
  }
  for (const { check, severity, sentence, fleet } of checkConfiguration(config)) {
    const annotations = Annotations.of((fleet === undefined ? undefined : webTiers[fleet]) ?? operations);
    if (severity === 'notice') annotations.addInfo(sentence);
    else annotations.addWarningV2(`holdfast:${check}`, sentence);
  }
  if (config.incidents.enabled)
    new IncidentsStack(app, name('incidents'), { ...common(), network, store, releases, webTiers, alarmsTopic });
  // Sweeps write: an installation of which a part could not be created has none.
  for (const stack of own()) if (stack !== operations) operations.addStackDependency(stack);
  if (config.retention === 'protected')
    new TerminationProtectionStack(app, terminationProtectionStackName(config.installation), { ...common(), stacks: own() });
  const stacks = own();
  // Only the installation's own stacks get the tag: the user's app can have others.
  for (const stack of stacks) Tags.of(stack).add('holdfast:installation', config.installation);
  checkLimits(app, stacks);
  return { stacks, alarmsTopic, deploys, storePolicies: operations.policies };
}
