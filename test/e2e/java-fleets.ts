/** An installation of its own with a fleet per example in Java, in the kept cloud: each rolls two servers. */
import path from 'node:path';
import { readCloudState } from '../../cli/cloud-state.ts';
import type { DeployOutcome } from '../../cli/deploy/follow-deploy.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import { EXAMPLES } from '../../lab/demo/app/examples.ts';
import type { LocalApp, PrepareExample } from '../../lab/demo/app/local-app.ts';
import { deployRelease } from '../../lab/demo/deploy-release.ts';
import { type FleetInput, localSettings } from '../../lab/demo/local-settings.ts';
import { publishApp } from '../../lab/demo/publish-app.ts';
import { untilHealthy } from '../../lab/demo/wait-until-serving.ts';
import { until } from '../until.ts';
import { cdkFor, keptConfig } from './cdk.ts';
import { kept } from './fleet.ts';
import { openCloud, type ScenarioCloud } from './open-cloud.ts';

export const INSTALLATION = 'java';
/** Of each fleet. */
export const SERVERS = 2;
const signal = new AbortController().signal;

export interface JavaFleet {
  readonly app: LocalApp;
  readonly cloud: ScenarioCloud;
  readonly loadBalancerUrl: string;
  publish(version: string, app?: Pick<LocalApp, 'build'>): Promise<void>;
  deploy(version: string): Promise<DeployOutcome>;
  recordOf(executionArn: string): Promise<DeployRecord | undefined>;
}

export interface JavaFleets {
  readonly fleets: Readonly<Record<string, JavaFleet>>;
  /** Deploys the stacks once more, with something else in each fleet's configuration. */
  change(more: FleetInput): Promise<void>;
  destroy(): Promise<void>;
}

/**
 * Deploys the installation; its servers have the placeholder.
 *
 * @param names examples by name; each becomes a fleet
 * @param more of each fleet's configuration
 * @param examples by name
 */
export async function deployJavaFleets(
  names: readonly string[],
  more: FleetInput = {},
  examples: Readonly<Record<string, PrepareExample>> = EXAMPLES,
): Promise<JavaFleets> {
  const apps = Object.fromEntries(await Promise.all(names.map(async (name) => [name, (await examples[name]?.()) as LocalApp] as const)));
  const first = keptConfig();
  const store = { ...first.store, replicas: 1 } as HoldfastConfig['store'];
  const cdkWith = (settings: FleetInput) =>
    cdkFor(INSTALLATION, { ...first, installation: INSTALLATION, store, fleets: fleetsOf(apps, settings) });
  const cdk = cdkWith(more);
  await cdk.deploy();
  const fleets = await Promise.all(names.map(async (name) => [name, await openFleet(name, apps[name] as LocalApp)] as const));
  return {
    fleets: Object.fromEntries(fleets),
    change: async (settings) => void (await cdkWith(settings).deploy()),
    destroy: () => cdk.destroy(),
  };
}

const fleetsOf = (apps: Readonly<Record<string, LocalApp>>, more: FleetInput): HoldfastConfig['fleets'] =>
  Object.fromEntries(
    Object.entries(apps).map(([fleet, { server }]) => {
      const small = { minCapacity: SERVERS, deploy: { minimumHealthyTargets: 1 } };
      const { config } = localSettings({ fleet, realTime: false, slowStart: true, server: { ...server, ...small, ...more } });
      return [fleet, config.fleets[fleet] as HoldfastConfig['fleets'][string]];
    }),
  );

async function openFleet(fleet: string, app: LocalApp): Promise<JavaFleet> {
  const cloud = await openCloud({ installation: INSTALLATION, fleet });
  const listener = `${INSTALLATION}-${fleet}:443`;
  const loadBalancerUrl = await until(async () => (await readCloudState())?.listeners?.[listener], `the listener ${listener}`);
  await untilHealthy(cloud, SERVERS, signal);
  return {
    app,
    cloud,
    loadBalancerUrl,
    publish: (version, other = app) =>
      publishApp({ cloud, app: other, version, runFolder: path.join(kept.runFolder, INSTALLATION, fleet), signal }),
    deploy: (version) => deployRelease(cloud, version, () => {}, signal),
    recordOf: (executionArn) => cloud.records.getDeploy(fleet, executionArn.split(':').at(-1) as string),
  };
}
