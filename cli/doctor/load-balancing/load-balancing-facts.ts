/** The target group of a fleet, and the load balancer in front of it. Names are AWS's. */
import type { ListenerRules } from '../../../functions/incidents/re-login/choose-rule.ts';
import type { Attributes } from '../../../functions/shared/aws/attributes-reader.ts';
import type { DrainGroups } from '../../../functions/shared/aws/drain-rule.ts';
import type { ListedRule } from '../../../functions/shared/aws/listener-rule-list.ts';
import type { TargetHealth } from '../../../functions/shared/aws/target-group.ts';
import { known, type Lookup } from '../lookup.ts';
import type { Subject } from '../subject.ts';

export interface TargetGroupFacts {
  readonly arn: string;
  readonly name: string;
  /** `instance`, `ip`, `lambda`, `alb`. */
  readonly targetType: string;
  readonly port: number;
  readonly healthPath: string;
  /** Status codes that are healthy: `200`, `200-399`. */
  readonly healthStatus: string;
  readonly loadBalancerArns: readonly string[];
}

export interface LoadBalancerFacts {
  readonly arn: string;
  readonly name: string;
  readonly securityGroupIds: readonly string[];
}

export interface ListenerFacts {
  readonly arn: string;
  readonly port: number;
  readonly protocol: string;
  readonly certificateArns: readonly string[];
  /** Number of rules without the default one. */
  readonly rules: number;
  /** Its default action or one of its rules forwards to the fleet's target group. */
  readonly forwards: boolean;
  /** Other target groups that those rules give a share of the fleet's requests. */
  readonly alsoForwardsTo: readonly string[];
  /** Its rules one by one. */
  readonly routes: ListenerRules;
  /** Rules that answer themselves: pages of incidents are among them. */
  readonly fixedResponses: readonly { readonly ruleArn: string; readonly priority: number }[];
}

/** Quotas of Elastic Load Balancing by their names in AWS: `rules-per-application-load-balancer`. */
export type AccountLimits = Readonly<Record<string, number>>;

export interface CertificateFacts {
  readonly arn: string;
  /** `ISSUED`, `PENDING_VALIDATION`, `EXPIRED`, `REVOKED`, … */
  readonly status: string;
  /** Milliseconds since the epoch; undefined before it is issued. */
  readonly notAfterMs?: number;
  readonly domains: readonly string[];
  /** ACM renews it: ACM issued it, and it is in use. */
  readonly renewedByAcm: boolean;
}

export interface DrainFacts {
  readonly ruleArn: string;
  readonly drainTargetGroupArn: string;
  /** All rules of the drain rule's listener, by priority. */
  readonly rules: readonly ListedRule[];
  /** The pattern of the sessions that it takes; undefined while it takes none. */
  readonly pinned?: string;
  /** Settings of the fleet's target group and of the drain group. */
  readonly groups: DrainGroups;
  /** Targets that are in the drain group now; between deploys none should be. */
  readonly targets: readonly TargetHealth[];
}

/** What is looked up of a load balancer. */
export interface LoadBalancingLookups {
  readonly targetGroup: Lookup<TargetGroupFacts>;
  readonly attributes: Lookup<Attributes>;
  readonly targets: Lookup<readonly TargetHealth[]>;
  /** ARNs of the target groups that have listed servers of the fleet. */
  readonly registersWith: Lookup<readonly string[]>;
  readonly loadBalancer: Lookup<LoadBalancerFacts>;
  readonly idleTimeoutSeconds: Lookup<number>;
  /** Deletion protection of the load balancer. */
  readonly loadBalancerProtection: Lookup<boolean>;
  readonly listeners: Lookup<readonly ListenerFacts[]>;
  readonly limits: Lookup<AccountLimits>;
  /** Target groups of the load balancer, and of the account in this Region. */
  readonly targetGroupCounts: Lookup<{ readonly ofLoadBalancer: number; readonly ofAccount: number }>;
  /** Longest response time of a target in the last day; undefined without requests. */
  readonly longestResponseSeconds: Lookup<number | undefined>;
  readonly certificates: readonly Lookup<CertificateFacts>[];
  /** The rule and group that keep sessions on a draining server; skipped for fleets whose deploys do not wait for sessions. */
  readonly drain: Lookup<DrainFacts>;
}

/** ARNs of the certificates of the configuration and of the fleet's listeners, each once. */
export function usedCertificates({ certificateArn }: Subject, listeners: LoadBalancingLookups['listeners']): readonly string[] {
  const used = (known(listeners) ?? []).flatMap(({ forwards, certificateArns }) => (forwards ? certificateArns : []));
  return [...new Set([...(certificateArn === undefined ? [] : [certificateArn]), ...used])];
}
