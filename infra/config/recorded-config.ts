/** What a deployment records of its configuration. Publishers, operators and readers of every fleet can read it. Pure. */
import type { HoldfastConfig } from './installation.ts';

/** A key that is not listed is not recorded: free text, such as options of Java, can have passwords. */
const RECORDED = {
  installation: [
    ...['installation', 'account', 'region', 'zones', 'network', 'store', 'sweep', 'watch', 'incidents'],
    ...['retention', 'logRetentionDays', 'fleets'],
  ],
  fleet: [
    ...['port', 'strategy', 'awsAccess', 'app', 'deploy', 'sessions', 'incidents', 'members', 'existing'],
    ...['instanceType', 'runtimePackages', 'minCapacity', 'maxCapacity'],
    ...['healthPath', 'healthStatus', 'healthCheckIntervalSeconds', 'healthCheckTimeoutSeconds'],
    ...['healthyThreshold', 'unhealthyThreshold', 'certificateArn', 'allowPlainHttp'],
  ],
  /** What commands need of an application. To make releases from it, they need the configuration file itself. */
  app: ['kind', 'home', 'archive', 'health', 'sessionManager', 'libraries', 'leastJava', 'statusPort'],
} as const;

const only = (keys: readonly string[], value: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).filter(([key]) => keys.includes(key)));

/** The configuration, as far as commands need it. */
export function recordedConfig(config: HoldfastConfig): Record<string, unknown> {
  const fleets = Object.entries(config.fleets).map(([name, fleet]) => {
    const { app } = fleet;
    return [name, { ...only(RECORDED.fleet, fleet), ...(app && { app: only(RECORDED.app, app) }) }];
  });
  return { ...only(RECORDED.installation, config), fleets: Object.fromEntries(fleets) };
}
