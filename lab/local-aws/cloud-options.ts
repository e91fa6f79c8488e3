import type { LocalStackSetup } from '../../setup/localstack.mjs';
import type { Setup } from '../../setup/read-setup.mjs';
import type { ProcessLedger } from '../processes/process-ledger.ts';

/** Durations that the local cloud may shorten. */
export interface CloudTimes {
  /** How long a load balancer keeps using the old targets after a change. */
  readonly propagationLagMs: number;
  /** Length of one second of a health check's interval and time-out. */
  readonly healthCheckSecondMs: number;
  /** How long a new rule of EventBridge matches nothing. @default 0 */
  readonly newRuleLagMs?: number;
  /** Delay until metrics of AWS/* become visible. */
  readonly metricDelayMs: number;
  /** How long a minute of an alarm's period lasts. @default 60,000 */
  readonly alarmMinuteMs?: number;
  /** Delay until CloudTrail lists a call. @default 330,000: most events come after five minutes on AWS */
  readonly trailDelayMs?: number;
  /** Time without an invocation after which the execution environment of a function ends. */
  readonly idleEnvironmentMs: number;
  /** Environments of all functions together that go on without an invocation; each takes some 70 MB. @default 4 */
  readonly mostIdleEnvironments?: number;
  /** How long a stack waits for the instances of an Auto Scaling group that it creates. */
  readonly stabilizeTimeoutMs: number;
}

export interface CloudOptions {
  readonly setup: Setup;
  /** LocalStack is the emulator. @default MiniStack is */
  readonly localStack?: LocalStackSetup | undefined;
  /** Address of a LocalStack that the user runs, which is the emulator then. */
  readonly emulatorEndpoint?: string | undefined;
  readonly region: string;
  readonly times: CloudTimes;
  readonly ledger: ProcessLedger;
  /** Everything that this run writes. */
  readonly folder: string;
  /** Keeps the root of the certificates from run to run, so that a trust once given holds. */
  readonly tlsFolder: string;
  /** 0 for a free one. */
  readonly gatewayPort: number;
  /** Port for the load balancer's first listener; 0 for a free one. */
  readonly loadBalancerPort: number;
  /** Home of the JDK that servers find first on their PATH. @default whatever is on this machine's PATH */
  readonly javaHome?: string | undefined;
  /** Secret of the owner, who may set faults. */
  readonly token: string;
}
