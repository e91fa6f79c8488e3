/** How the local cloud behaves, and the configuration that its stacks are deployed with. */
import type { z } from 'zod';
import { type HoldfastConfig, holdfastConfig } from '../infra/config.ts';
import type { CloudTimes } from './aws/cloud.ts';
import { LOCAL_ACCOUNT_ID } from './aws/local-account.ts';

export interface LocalSettings extends CloudTimes {
  /** Configuration of the CDK app: the same file that an installation on AWS would have. */
  readonly config: HoldfastConfig;
}

type ConfigInput = z.input<typeof holdfastConfig>;
type DeployInput = NonNullable<ConfigInput['fleets'][string]['deploy']>;

/**
 * Short times, so that a whole deploy fits into half a minute. Their order is that of the real ones: quiet above the
 * propagation lag, floor below the time-out, bake before settle.
 */
export const SHORT: DeployInput = {
  deregistrationDelaySeconds: 5,
  drainFloorSeconds: 1,
  quietSeconds: 1.2,
  drainTimeoutSeconds: 20,
  drainSliceSeconds: 2,
  installTimeoutSeconds: 30,
  healthIntervalSeconds: 0.2,
  healthDeadlineSeconds: 20,
  healthyInARow: 3,
  registerTimeoutSeconds: 30,
  bakeSeconds: 1.5,
  settleSeconds: 1,
  newcomerTimeoutSeconds: 30,
  pollSeconds: 1,
  launchPollSeconds: 1,
  strayCallSeconds: 2,
  reconcileMinutes: 1,
};

export const LOCAL_REGION = 'us-east-1';
/** Any ACM certificate: the local listener has one that the local root signed. */
const LOCAL_CERTIFICATE = `arn:aws:acm:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:certificate/00000000-0000-4000-8000-000000000000`;

export interface LocalChoice {
  readonly fleet: string;
  /** The default times of AWS instead of short ones. */
  readonly realTime: boolean;
  /** Port and health path of the server that is rolled, by its contract. */
  readonly port: number;
  readonly healthPath: string;
}

export function localSettings(choice: LocalChoice): LocalSettings {
  const config = holdfastConfig.parse({
    region: LOCAL_REGION,
    account: LOCAL_ACCOUNT_ID,
    retention: 'ephemeral',
    credentials: 'cli',
    store: { snapshotRetentionDays: 0 },
    fleets: {
      [choice.fleet]: {
        port: choice.port,
        healthPath: choice.healthPath,
        certificateArn: LOCAL_CERTIFICATE,
        healthCheckIntervalSeconds: 5,
        healthCheckTimeoutSeconds: 2,
        deploy: choice.realTime ? {} : SHORT,
      },
    },
  } satisfies ConfigInput);
  return choice.realTime
    ? {
        config,
        propagationLagMs: 3_000,
        healthCheckSecondMs: 1_000,
        newRuleLagMs: 60_000,

        metricDelayMs: 60_000,
        stabilizeTimeoutMs: 3_600_000,
      }
    : { config, propagationLagMs: 600, healthCheckSecondMs: 100, newRuleLagMs: 15_000, metricDelayMs: 2_000, stabilizeTimeoutMs: 60_000 };
}
