/** What doctor checks: the resources of one fleet, by the configuration that its templates are made from. */
import type { DeploySettings } from '../deploy/settings/settings.ts';
import type { ReLoginPage } from '../incidents/contract/environment.ts';

/** A resource by its name, or by its ARN when the configuration names an existing one. */
export interface Named {
  readonly id: string;
  /** True when the configuration names it as existing; false when Holdfast makes it. */
  readonly named: boolean;
}

/** ARNs of the existing rule and target group by which deploys keep a server's sessions on it. */
export interface DrainArns {
  readonly ruleArn: string;
  readonly drainTargetGroupArn: string;
}

/** What doctor checks where no fleet is: the store, and what watches it. */
export interface StoreScope {
  readonly installation: string;
  readonly account: string;
  readonly region: string;
  readonly local: boolean;
  /** Options of the AWS CLI that reach this cloud. */
  readonly awsOptions: string;
  readonly store: StoreSubject;
  readonly storeAlarmNames: readonly string[];
  /** Alarms on what starts and tends incidents; none where alarms start no runbooks. */
  readonly incidentAlarmNames: readonly string[];
  readonly recordsTable: string;
  readonly sweepPolicies: Readonly<Record<string, string>>;
  /** With the retention `protected`: its last stack, under termination protection. */
  readonly lastStackName?: string;
  /** The replicas of the store are waited for before a deploy. */
  readonly hasDeploys: boolean;
}

export interface Subject extends StoreScope {
  readonly fleet: string;
  readonly releasesBucket: string;
  /** Letters of the zones of a created network. */
  readonly zones?: readonly string[];
  readonly members: 'autoScalingGroup' | 'instances' | 'ip';
  readonly strategy: 'redis' | 'sticky' | 'tomcat-cluster';
  /** With strategy redis: users stay on their server as well. */
  readonly stickiness: boolean;
  /** A session manager of the configuration keeps the sessions of releases that are published now in the store. */
  readonly managerUsesStore: boolean;
  readonly sessions: SessionSubject;
  /** Ids of named instances and nodes; empty for a group. */
  readonly nodeIds: readonly string[];
  /** Name, or ARN of a named one. */
  readonly targetGroup: Named;
  readonly listenerArn?: string;
  readonly loadBalancerArn?: string;
  readonly group?: Named;
  readonly instanceRoleName?: string;
  readonly ownRole: boolean;
  readonly awsAccess: boolean;
  /** ARNs of the list of its variables and of what that names; empty without variables. */
  readonly variables: { readonly parameters: readonly string[]; readonly secrets: readonly string[] };
  readonly securityGroups: { readonly servers?: string; readonly loadBalancer?: string; readonly store?: string };
  readonly hosts: readonly string[];
  /** What users see while no session can be read; undefined without such a page. */
  readonly reLoginPage?: ReLoginPage;
  readonly hasRunbooks: boolean;
  readonly port: number;
  /** Undefined for a named target group: its owner chose it. */
  readonly healthPath?: string;
  readonly certificateArn?: string;
  readonly allowPlainHttp: boolean;
  readonly alarmNames: readonly string[];
  readonly storeCheckFunction: string;
  /** Deploys wait for sessions: the function that does, and the rule and group that the configuration names. */
  readonly sessionDrain?: { readonly function: string; readonly existing?: DrainArns };
  readonly settings: DeploySettings;
}

export interface SessionSubject {
  /** Name of its user; undefined where it signs in without one. */
  readonly userName?: string;
  /** Patterns of the channels that the configuration lists, or that follow from the fleet's app. */
  readonly channels: readonly string[];
  /** The configuration lists the channels of Spring's indexed repository. */
  readonly usesSpringIndex: boolean;
  /** The fleet's user is Holdfast's: its channels are those of the configuration. */
  readonly ownUser: boolean;
}

export interface StoreSubject {
  /** Undefined for an existing store without a replication group in the configuration. */
  readonly replicationGroup?: Named;
  readonly host?: string;
  readonly port: number;
  readonly tls: boolean;
  readonly auth: 'none' | 'password' | 'iam';
  readonly replicas: number;
  /** Undefined for a named store: its owner chose it. */
  readonly evictionPolicy?: string;
}
