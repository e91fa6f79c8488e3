import { type App, CliCredentialsStackSynthesizer, type Environment, Tags } from 'aws-cdk-lib';
import { FLEET_TAG, fleetTagValue } from '../functions/shared/naming.ts';
import type { HoldfastConfig } from './config.ts';
import { DeployStack } from './stacks/deploy-stack.ts';
import { NetworkStack } from './stacks/network-stack.ts';
import { ReleasesStack } from './stacks/releases-stack.ts';
import { SessionStoreStack } from './stacks/session-store-stack.ts';
import { WebTierStack } from './stacks/web-tier-stack.ts';

/** Every stack of an installation: the network, the session store and the releases once, web tier and deploy for each fleet. */
export function buildApp(app: App, config: HoldfastConfig): void {
  const env: Environment = { region: config.region, ...(config.account && { account: config.account }) };
  // `cdk destroy` of a protected installation is refused, naming the stack, before anything is deleted.
  const terminationProtection = config.retention === 'protected';
  const common = () => ({
    config,
    env,
    terminationProtection,
    ...(config.credentials === 'cli' && { synthesizer: new CliCredentialsStackSynthesizer() }),
  });
  const name = (part: string) => `${config.installation}-${part}`;

  const network = new NetworkStack(app, name('network'), common());
  const store = new SessionStoreStack(app, name('session-store'), { ...common(), vpc: network.vpc });
  const releases = new ReleasesStack(app, name('releases'), common());
  for (const [fleetName, fleet] of Object.entries(config.fleets)) {
    const shared = { fleetName, fleet, vpc: network.vpc, releases, store: store.endpoint };
    const webTier = new WebTierStack(app, name(`${fleetName}-web-tier`), { ...common(), ...shared });
    const deploy = new DeployStack(app, name(`${fleetName}-deploy`), { ...common(), ...shared, webTier });
    for (const stack of [webTier, deploy]) Tags.of(stack).add(FLEET_TAG, fleetTagValue(config.installation, fleetName));
  }
  Tags.of(app).add('holdfast:installation', config.installation);
}
