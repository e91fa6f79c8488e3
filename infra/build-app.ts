import { Annotations, type App, CliCredentialsStackSynthesizer, type Environment, Stack, Tags } from 'aws-cdk-lib';
import { FLEET_TAG, fleetTagValue, terminationProtectionStackName } from '../functions/shared/naming.ts';
import type { HoldfastConfig } from './config.ts';
import { createdNetwork, existingNetwork } from './constructs/network.ts';
import { createdStore, existingStore } from './constructs/store/store-endpoint.ts';
import { DOCUMENTATION_CONTEXT } from './constructs/watch-alarm.ts';
import { deployWarnings } from './deploy-warnings.ts';
import { sessionWarnings } from './session-warnings.ts';
import { AlarmsStack } from './stacks/alarms-stack.ts';
import { DeployStack } from './stacks/deploy-stack.ts';
import { IncidentsStack } from './stacks/incidents-stack.ts';
import { NetworkStack } from './stacks/network-stack.ts';
import { ProtectionStack } from './stacks/protection-stack.ts';
import { ReleasesStack } from './stacks/releases-stack.ts';
import { SessionStoreStack } from './stacks/session-store-stack.ts';
import { StoreOperationsStack } from './stacks/store-operations-stack.ts';
import { TerminationProtectionStack } from './stacks/termination-protection-stack.ts';
import { WebTierStack } from './stacks/web-tier-stack.ts';
import { strategyWarnings } from './strategy-warnings.ts';

/**
 * Every stack of an installation: one for the network, the session store, its operations, the releases and the alarms' topic;
 * and two per fleet, the web tier and the deploy. An existing network or store has no stack. A web tier's stack contains
 * the parts that do not exist yet, the alarms and what handles launches. With the retention `protected`, two more stacks come
 * last and protect the others.
 */
export function buildApp(app: App, config: HoldfastConfig): void {
  const env: Environment = { region: config.region, ...(config.account && { account: config.account }) };
  const common = () => ({
    config,
    env,
    ...(config.credentials === 'cli' && { synthesizer: new CliCredentialsStackSynthesizer() }),
  });
  // Every alarm links its heading of the runbook.
  if (config.watch.documentation !== undefined) app.node.setContext(DOCUMENTATION_CONTEXT, config.watch.documentation);
  const name = (part: string) => `${config.installation}-${part}`;

  const network = config.network.existing
    ? existingNetwork(config.network.existing)
    : createdNetwork(new NetworkStack(app, name('network'), { ...common(), cidr: config.network.cidr }));
  const releases = new ReleasesStack(app, name('releases'), common());
  const store = config.store.existing
    ? existingStore(config, config.store.existing)
    : createdStore(new SessionStoreStack(app, name('session-store'), { ...common(), store: config.store, network, releases }));
  const alarmsTopic = new AlarmsStack(app, name('alarms'), { ...common(), installation: config.installation }).topic;
  const operations = new StoreOperationsStack(app, name('store-operations'), {
    ...common(),
    network,
    store,
    existing: config.store.existing,
    releases,
    alarmsTopic,
  });
  for (const { id, message } of sessionWarnings(config)) Annotations.of(operations).addWarningV2(id, message);
  const webTiers: Record<string, WebTierStack> = {};
  for (const [fleetName, fleet] of Object.entries(config.fleets)) {
    const shared = { fleetName, fleet, network, releases, store, alarmsTopic };
    const webTier = new WebTierStack(app, name(`${fleetName}-web-tier`), { ...common(), ...shared });
    webTiers[fleetName] = webTier;
    for (const { id, message } of [...strategyWarnings(fleetName, fleet), ...deployWarnings(fleetName, fleet)])
      Annotations.of(webTier).addWarningV2(id, message);
    const deploy = new DeployStack(app, name(`${fleetName}-deploy`), { ...common(), ...shared, webTier });
    for (const stack of [webTier, deploy]) Tags.of(stack).add(FLEET_TAG, fleetTagValue(config.installation, fleetName));
  }
  if (config.incidents.enabled)
    new IncidentsStack(app, name('incidents'), { ...common(), network, store, releases, webTiers, alarmsTopic });
  if (config.retention === 'protected') {
    const stacks = app.node.children.filter(Stack.isStack);
    const protection = new ProtectionStack(app, name('protection'), { ...common(), releases, stacks });
    const { config: _, ...rest } = common();
    new TerminationProtectionStack(app, terminationProtectionStackName(config.installation), { ...rest, protection });
  }
  Tags.of(app).add('holdfast:installation', config.installation);
}
