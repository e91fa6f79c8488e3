/** What the services of the local cloud need from each other. Each interface is as small as possible. */

/** Milliseconds since the epoch. Injected so that hours can pass in a test. */
export type Now = () => number;

/** Sends an event to the default EventBridge bus, as the AWS service itself would. */
export interface EventBus {
  put(event: {
    /** `aws.autoscaling`, `aws.ssm`, … */
    readonly source: string;
    readonly detailType: string;
    readonly resources: readonly string[];
    readonly detail: Record<string, unknown>;
  }): Promise<void>;
}

/** Publishes to an SNS topic as a service would (alarm actions, ElastiCache notifications). */
export interface TopicPublisher {
  publish(topicArn: string, subject: string, message: string): Promise<void>;
}

/** Invokes a Lambda function asynchronously (alarm actions). */
export interface FunctionInvoker {
  invokeAsync(functionArn: string, payload: Record<string, unknown>): Promise<void>;
}

/** One metric observation. `values` is a set of raw observations within the same second. */
export interface MetricDatum {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly values: readonly number[];
  /** CloudWatch unit: `Count`, `Seconds`, `Milliseconds`, `Percent`, `Bytes`, `None`. */
  readonly unit: string;
  readonly timestampMs: number;
}

/** Where data planes record their metrics. CloudWatch shows them after a delay, as on AWS. */
export interface MetricSink {
  record(data: readonly MetricDatum[]): void;
}

/** Where a load balancer finds the process behind a target id. */
export interface TargetResolver {
  /** The address to connect to for `targetId` (an instance id or an IP) at `port`; undefined when there is no such machine. */
  resolve(targetId: string, port: number): { host: string; port: number } | undefined;
  /** True for the address of a machine on premises, which is in no VPC. @default never */
  isOnPremises?(ipAddress: string): boolean;
  /** Availability Zone of the machine behind a target id: `us-east-1a`. @default unknown */
  zoneOf?(targetId: string): string | undefined;
}

/** A machine other than an EC2 instance, whose agent was registered with an activation. */
export interface AgentRegistration {
  /** `mi-` and 17 hex digits */
  readonly nodeId: string;
  readonly activationId: string;
  readonly iamRole: string;
  readonly name: string;
  readonly registeredAtMs: number;
  /** Those of the activation at first; Systems Manager's API changes them. */
  tags: Readonly<Record<string, string>>;
  /** False once it was deregistered. */
  active: boolean;
}

/** What a machine has once its agent is registered. */
export interface RegisteredAgent {
  readonly registration: AgentRegistration;
  /** The session of the activation's role, by the names that SDKs read in an environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** False when the role may not report the machine: Systems Manager then ignores it. */
  readonly mayReport: boolean;
}

/** What `amazon-ssm-agent -register` calls. @throws AwsError InvalidActivation, InvalidActivationId */
export type RegisterAgent = (activationId: string, activationCode: string) => Promise<RegisteredAgent>;

/** A machine that Run Command can reach. */
export interface ManagedInstance {
  /** `i-…` of an EC2 instance, `mi-…` of a machine on premises. */
  readonly instanceId: string;
  readonly ipAddress: string;
  /** How a machine on premises became managed; absent for an EC2 instance. */
  readonly registration?: AgentRegistration;
  /** The machine's own folder, its root file system. Scripts run with it as HOLDFAST_ROOT's parent. */
  readonly folder: string;
  /** Environment of the SSM agent on that machine, PATH included (its `systemctl` and `aws` come first). */
  readonly environment: Readonly<Record<string, string>>;
  readonly agentVersion: string;
  /** False while the machine is booting, stopped or its agent does not answer. */
  readonly online: boolean;
  /** Its reboots so far: what ran before the last one has been ended by it. */
  readonly reboots?: number;
  readonly tags: Readonly<Record<string, string>>;
}

/** The machines that exist now. */
export interface InstanceDirectory {
  get(instanceId: string): ManagedInstance | undefined;
  list(): readonly ManagedInstance[];
}

/** What Auto Scaling needs from the load balancers. */
export interface TargetGroups {
  register(targetGroupArn: string, targetId: string): Promise<void>;
  deregister(targetGroupArn: string, targetId: string): Promise<void>;
  /** `healthy`, `unhealthy`, `initial`, `draining`, `unused`, or undefined when it is not registered. */
  health(targetGroupArn: string, targetId: string): string | undefined;
}

/** Issues TLS certificates that local clients trust. */
export interface CertificateAuthority {
  /** PEM of the root; its file is `caFile`, for NODE_EXTRA_CA_CERTS and AWS_CA_BUNDLE. */
  readonly caPem: string;
  readonly caFile: string;
  /** A leaf certificate for these DNS names and IP addresses (PEM). */
  issue(names: readonly string[]): Promise<{ readonly key: string; readonly cert: string }>;
}

/** Writes a line to the local cloud's log. Never a session id, cookie or secret. */
export type Log = (line: string) => void;
