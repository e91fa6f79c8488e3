/** The resources of Elastic Load Balancing as the local cloud keeps them. Seconds are AWS's; times of day are epoch milliseconds. */

export type Tags = Map<string, string>;
/** Attribute key to value, as the Describe…Attributes operations return them. */
export type Attributes = Map<string, string>;

export interface LoadBalancer {
  readonly arn: string;
  readonly name: string;
  /** `app/NAME/ID`: the LoadBalancer dimension of its metrics. */
  readonly fullName: string;
  readonly scheme: string;
  readonly createdAtMs: number;
  ipAddressType: string;
  subnets: readonly string[];
  securityGroups: readonly string[];
  readonly attributes: Attributes;
  readonly tags: Tags;
}

export interface HealthCheck {
  readonly enabled: boolean;
  readonly protocol: 'HTTP' | 'HTTPS';
  /** A number or `traffic-port`. */
  readonly port: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** `200`, `200,302` or `200-299`. */
  readonly matcher: string;
}

export interface TargetGroup {
  readonly arn: string;
  readonly name: string;
  /** `targetgroup/NAME/ID`: the TargetGroup dimension of its metrics. */
  readonly fullName: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly protocolVersion: string;
  readonly port: number;
  readonly vpcId?: string;
  readonly targetType: 'instance' | 'ip';
  healthCheck: HealthCheck;
  readonly attributes: Attributes;
  readonly tags: Tags;
  /** Targets by `id:port`. A draining target stays in here until the deregistration delay has passed and the data plane has noticed. */
  readonly targets: Map<string, Target>;
}

export interface Target {
  readonly id: string;
  readonly port: number;
  /** `all` of an address outside the VPC. */
  readonly availabilityZone?: string;
  health: HealthRecord;
  /** False while there is no such machine: its state is then `unused`. */
  running: boolean;
  draining?: {
    /** When it stops being shown as draining: at the end of the deregistration delay. */
    readonly untilMs: number;
    /** When it stops getting new requests: at the end of the propagation lag. */
    readonly routableUntilMs: number;
  };
}

/** What health checks have found. The counts are of equal results in a row. */
export interface HealthRecord {
  readonly state: 'initial' | 'healthy' | 'unhealthy';
  readonly checks: number;
  readonly passed: number;
  readonly failed: number;
  readonly reason?: string;
  readonly description?: string;
}

export const UNCHECKED: HealthRecord = { state: 'initial', checks: 0, passed: 0, failed: 0 };

export interface Listener {
  readonly arn: string;
  readonly loadBalancerArn: string;
  port: number;
  protocol: 'HTTP' | 'HTTPS';
  sslPolicy?: string;
  /** ARNs; the first is the default certificate. */
  certificates: readonly string[];
  readonly attributes: Attributes;
  readonly tags: Tags;
}

export interface Rule {
  readonly arn: string;
  readonly listenerArn: string;
  priority: number | 'default';
  conditions: readonly Condition[];
  actions: readonly Action[];
  readonly tags: Tags;
}

export type Condition =
  | { readonly field: 'host-header' | 'path-pattern'; readonly values: readonly string[]; readonly regexValues: readonly string[] }
  | { readonly field: 'http-header'; readonly name: string; readonly values: readonly string[]; readonly regexValues: readonly string[] }
  | { readonly field: 'http-request-method' | 'source-ip'; readonly values: readonly string[] }
  | { readonly field: 'query-string'; readonly values: readonly { readonly key?: string; readonly value: string }[] };

export type Action = ForwardAction | FixedResponseAction | RedirectAction;

export interface ForwardAction {
  readonly type: 'forward';
  readonly order?: number;
  readonly groups: readonly { readonly arn: string; readonly weight: number }[];
  /** Stickiness to a group by AWSALBTG. */
  readonly stickySeconds?: number;
}
export interface FixedResponseAction {
  readonly type: 'fixed-response';
  readonly order?: number;
  readonly statusCode: number;
  readonly contentType?: string;
  readonly body?: string;
}
export interface RedirectAction {
  readonly type: 'redirect';
  readonly order?: number;
  readonly statusCode: 'HTTP_301' | 'HTTP_302';
  /** Each may hold `#{protocol}`, `#{host}`, `#{port}`, `#{path}` and `#{query}`. */
  readonly protocol: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
}

export const targetKey = (id: string, port: number): string => `${id}:${port}`;

/** The target groups that a rule's forward action names. */
export function groupsOf(rule: Pick<Rule, 'actions'>): string[] {
  return rule.actions.flatMap((action) => (action.type === 'forward' ? action.groups.map((group) => group.arn) : []));
}
