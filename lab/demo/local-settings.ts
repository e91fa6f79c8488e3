/** How the local cloud behaves, and the configuration that its stacks are deployed with. */
import type { z } from 'zod';
import type { CloudTimes } from '#local-aws/cloud-options.ts';
import { LOCAL_ACCOUNT_ID } from '#local-aws/local-account.ts';
import { type HoldfastConfig, type holdfastConfig, parseConfig } from '../../infra/config.ts';
import type { ListedInstances } from './listed-instances.ts';

export interface LocalSettings extends CloudTimes {
  /** Configuration of the CDK app: the same file that an installation on AWS would have. */
  readonly config: HoldfastConfig;
}

type ConfigInput = z.input<typeof holdfastConfig>;
export type FleetInput = NonNullable<ConfigInput['fleets']>[string];
type DeployInput = NonNullable<FleetInput['deploy']>;

/**
 * Short times, so that a whole deploy fits into half a minute. Their order is that of the real ones: quiet above the
 * propagation lag, floor below the time-out, bake before settle.
 */
export const SHORT: DeployInput = {
  deregistrationDelaySeconds: 30,
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
  // Tests of anything else do not wait for metrics: USERS_OWN has what users get.
  peopleWaitSeconds: 0,
  settleSeconds: 1,
  newcomerTimeoutSeconds: 30,
  sessionDrainSeconds: 60,
  ruleLagSeconds: 3,
  pollSeconds: 1,
  launchPollSeconds: 1,
  strayCallSeconds: 2,
  reconcileMinutes: 1,
};

/** Of a cloud in which somebody tries their own server: without an access log, metrics show what its users meet, as on AWS. */
export const USERS_OWN: DeployInput = { peopleWaitSeconds: 150 };

/** A Java server starts in 3 to 5 s on an idle machine, in four times that on two cores with the rest of the cloud; three may start at once. */
export const SLOW_START: DeployInput = {
  installTimeoutSeconds: 60,
  healthDeadlineSeconds: 90,
  registerTimeoutSeconds: 60,
  newcomerTimeoutSeconds: 120,
  // Every server, its users and the rest of the cloud share the cores with what else runs here: with 20 programs waiting for two
  // cores, answers of a good release took 1 to 4 s.
  bakeMaxLatencyMs: 10_000,
};

/** The alarms of a store look at some minutes. */
export const SHORT_ALARM_MINUTE_MS = 2_500;

export const LOCAL_REGION = 'us-east-1';
/** Any ACM certificate: the local listener has one that the local root signed. */
const LOCAL_CERTIFICATE = `arn:aws:acm:${LOCAL_REGION}:${LOCAL_ACCOUNT_ID}:certificate/00000000-0000-4000-8000-000000000000`;
const SHORT_CHECKS: FleetInput = { healthCheckIntervalSeconds: 5, healthCheckTimeoutSeconds: 2 };

export interface LocalChoice {
  readonly fleet: string;
  /** The default times of AWS instead of short ones. */
  readonly realTime: boolean;
  /** What the server that is rolled needs: port and health path, by its contract. */
  readonly server: FleetInput;
  /** Installs, starts and launches take seconds: limits of short times are longer. @default false */
  readonly slowStart?: boolean;
  /** What applies of the project's configuration file, over the rest. @default nothing */
  readonly project?: FleetInput;
  /** How alarms start runbooks. @default the configuration's defaults */
  readonly incidents?: ConfigInput['incidents'];
  /** Delay until CloudTrail lists a call. @default that of most calls on AWS */
  readonly trailDelayMs?: number;
  /** How long a minute of an alarm's period lasts. @default 60,000 */
  readonly alarmMinuteMs?: number;
  /** The fleet's servers, where they are none of an Auto Scaling group's. */
  readonly listed?: ListedInstances;
}

/** Its servers know each other by their addresses, which change in an Auto Scaling group. */
export const needsInstances = ({ server, project }: Pick<LocalChoice, 'server' | 'project'>): boolean =>
  (project?.strategy ?? server.strategy) === 'tomcat-cluster';

/** @throws InvalidConfiguration when the parts do not fit together */
export function localSettings(choice: LocalChoice): LocalSettings {
  const { fleet, realTime, server, slowStart = false, project = {}, incidents, listed, trailDelayMs, alarmMinuteMs } = choice;
  const { deploy, ...settings } = project;
  const { minCapacity: _least, maxCapacity: _most, ...ofServers } = { ...server, ...settings };
  // Together with a value of the project's, the other one of AWS is valid.
  const checks = Object.keys(SHORT_CHECKS).some((key) => key in settings) ? {} : SHORT_CHECKS;
  const input = {
    region: LOCAL_REGION,
    account: LOCAL_ACCOUNT_ID,
    retention: 'ephemeral',
    credentials: 'cli',
    store: { snapshotRetentionDays: 0 },
    ...(incidents && { incidents }),
    ...(listed && { network: { existing: listed.network } }),
    fleets: {
      [fleet]: {
        certificateArn: LOCAL_CERTIFICATE,
        ...checks,
        ...(listed ? { ...ofServers, members: 'instances' as const, existing: listed.existing } : { ...server, ...settings }),
        deploy: { ...(realTime ? {} : { ...SHORT, ...(slowStart && SLOW_START) }), ...server.deploy, ...deploy },
      },
    },
  } satisfies ConfigInput;
  const config = parseConfig(JSON.stringify(input), "the local cloud's configuration");
  const given = { config, ...(trailDelayMs !== undefined && { trailDelayMs }), ...(alarmMinuteMs !== undefined && { alarmMinuteMs }) };
  return realTime
    ? {
        ...given,
        propagationLagMs: 3_000,
        healthCheckSecondMs: 1_000,
        newRuleLagMs: 60_000,

        metricDelayMs: 60_000,
        stabilizeTimeoutMs: 3_600_000,
        idleEnvironmentMs: 60_000,
        // With four, a deploy would find its functions cold at each server, which AWS keeps for minutes.
        mostIdleEnvironments: 12,
      }
    : {
        ...given,
        propagationLagMs: 600,
        healthCheckSecondMs: 100,
        newRuleLagMs: 15_000,
        metricDelayMs: 2_000,
        stabilizeTimeoutMs: 60_000,
        idleEnvironmentMs: 10_000,
      };
}
