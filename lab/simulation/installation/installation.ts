/**
 * What a run has of an installation: plain JSON, read from the templates that CDK synthesizes. It is made once, and given to
 * every process as a file.
 */

export const MACHINES = ['deploy', 'rollTarget', 'cleanUp', 'launch', 'terminate'] as const;
export type MachineName = (typeof MACHINES)[number];

export const FUNCTIONS = [
  'control',
  'assess',
  'traffic',
  'command',
  'scaling',
  'storeCheck',
  'cleanUp',
  'reconcile',
  'lifecycle',
  'sessions',
] as const;
export type FunctionName = (typeof FUNCTIONS)[number];
/** Those that only a fleet with sessions in memory has. */
export type OptionalFunction = 'sessions';

export interface Installation {
  readonly region: string;
  readonly account: string;
  readonly fleet: string;
  /** Servers that ran before Holdfast: each is prepared before its first release. */
  readonly prepares: boolean;
  /** Releases are CodeDeploy bundles. */
  readonly bundles: boolean;
  readonly machines: Readonly<Record<MachineName, SynthesizedMachine>>;
  readonly functions: Readonly<Record<Exclude<FunctionName, OptionalFunction>, SynthesizedFunction>> &
    Partial<Readonly<Record<OptionalFunction, SynthesizedFunction>>>;
  readonly rules: Readonly<Record<'deployEnded' | 'launching' | 'terminating', EventRule>>;
  readonly reconcile: { readonly everyMinutes: number; readonly functionArn: string; readonly input: unknown };
  readonly hooks: Readonly<Record<'launch' | 'terminate', LifecycleHook>>;
  readonly group: AutoScalingGroup;
  readonly targetGroup: TargetGroup;
  /** The rule that forwards to the fleet; absent where its listener's default action does. */
  readonly ownRule?: ListenerRule;
  /** The drain group and the drain rule; absent for a fleet without sessions in memory. */
  readonly drain?: { readonly targetGroup: TargetGroup; readonly rule: ListenerRule };
  /** Those that deploys watch. */
  readonly alarms: readonly Alarm[];
  readonly recordsTable: string;
  /** Names. */
  readonly documents: {
    readonly waitIdle: string;
    readonly install: string;
    readonly observe: string;
    readonly accessLog: string;
    readonly stageAssets?: string;
    readonly prepare?: string;
  };
  readonly deploysTopicArn: string;
  /** As {@link resolveSettings} of the engine reads them. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface SynthesizedMachine {
  readonly name: string;
  readonly arn: string;
  /** ARN of the version that the parent starts; absent for a machine that no other starts. */
  readonly versionArn?: string;
  /** JSON in the Amazon States Language, references resolved. */
  readonly definition: string;
}

export interface SynthesizedFunction {
  readonly name: string;
  readonly arn: string;
  /** Every ARN by which definitions, rules and schedules name it: of its version and its alias. */
  readonly arns: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
}

/** A rule of EventBridge that starts a machine. */
export interface EventRule {
  readonly pattern: unknown;
  readonly machine: MachineName;
  /** Absent: the event itself is the input. */
  readonly inputTransformer?: { readonly paths: Readonly<Record<string, string>>; readonly template: string };
  readonly retryAttempts: number;
  readonly maxEventAgeSeconds: number;
}

export interface LifecycleHook {
  readonly name: string;
  /** `autoscaling:EC2_INSTANCE_LAUNCHING`, … */
  readonly transition: string;
  readonly heartbeatSeconds: number;
  readonly defaultResult: 'ABANDON' | 'CONTINUE';
}

export interface AutoScalingGroup {
  readonly name: string;
  readonly minSize: number;
  readonly maxSize: number;
  readonly desiredCapacity: number;
  readonly healthCheckType: string;
  readonly gracePeriodSeconds: number;
}

export interface TargetGroup {
  readonly arn: string;
  /** `targetgroup/NAME/ID`: a dimension of metrics. */
  readonly fullName: string;
  /** `app/NAME/ID`. */
  readonly loadBalancerFullName: string;
  readonly port: number;
  readonly healthCheck: {
    readonly path: string;
    readonly intervalSeconds: number;
    readonly timeoutSeconds: number;
    readonly healthyThreshold: number;
    readonly unhealthyThreshold: number;
    readonly codes: string;
  };
  readonly deregistrationDelaySeconds: number;
  /** Its targets are addresses; absent: instances. */
  readonly ofAddresses?: true;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ListenerRule {
  readonly arn: string;
  readonly priority: number;
  /** As CreateRule takes them. */
  readonly conditions: readonly unknown[];
}

export interface Alarm {
  readonly name: string;
  /** Of an alarm that watches one metric; else it has `queries`, as PutMetricAlarm takes them. */
  readonly namespace?: string;
  readonly metricName?: string;
  readonly dimensions?: Readonly<Record<string, string>>;
  readonly statistic?: string;
  readonly periodSeconds?: number;
  readonly queries?: readonly unknown[];
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparisonOperator: string;
  readonly treatMissingData: string;
}
