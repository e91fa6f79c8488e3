import { type AutoScalingClient, DescribeScalingActivitiesCommand } from '@aws-sdk/client-auto-scaling';
import { describeGroup } from './auto-scaling.ts';

/** A launch or termination of a group. */
export interface ScalingActivity {
  /** '' where the description names none: a launch that failed. */
  readonly instanceId: string;
  readonly startedAtMs: number;
  readonly kind: 'launch' | 'termination';
  /** In Auto Scaling's words: `At 2026-11-21T10:00:00Z an instance was taken out of service in response to …`. */
  readonly cause: string;
}

/** What an Auto Scaling group did, and what could make it replace a member. */
export interface ScalingHistory {
  /** @throws AutoScalingGroupNotFound */
  describe(): Promise<{
    /** `EC2`, `ELB`, … */
    readonly healthCheckTypes: readonly string[];
  }>;
  /** Launches and terminations that began since `sinceMs`, latest first, at most 300. */
  activitiesSince(sinceMs: number): Promise<readonly ScalingActivity[]>;
}

const PAGE_SIZE = 100;
const MOST_PAGES = 3;

/** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html */
export function createScalingHistory(client: AutoScalingClient, name: string): ScalingHistory {
  return {
    async describe() {
      const { HealthCheckType = 'EC2' } = await describeGroup(client, name);
      return { healthCheckTypes: HealthCheckType.split(',').map((type) => type.trim()) };
    },
    async activitiesSince(sinceMs) {
      const found: ScalingActivity[] = [];
      let next: string | undefined;
      for (let page = 0; page === 0 || (next !== undefined && page < MOST_PAGES); page += 1) {
        const { Activities = [], NextToken } = await client.send(
          new DescribeScalingActivitiesCommand({
            AutoScalingGroupName: name,
            MaxRecords: PAGE_SIZE,
            ...(next !== undefined && { NextToken: next }),
          }),
        );
        for (const { StartTime, EndTime, Description = '', Cause = '' } of Activities) {
          const startedAtMs = StartTime?.getTime() ?? 0;
          // Those in progress come before all others, however old.
          if (startedAtMs < sinceMs && EndTime) return found;
          if (startedAtMs < sinceMs) continue;
          const kind = KINDS.find(([prefix]) => Description.startsWith(prefix))?.[1];
          if (kind) found.push({ instanceId: /\bi-\w+/.exec(Description)?.[0] ?? '', startedAtMs, kind, cause: Cause });
        }
        next = NextToken;
      }
      return found;
    },
  };
}

/** What an activity's description begins with. */
const KINDS = [
  ['Launching', 'launch'],
  ['Terminating', 'termination'],
] as const;

/**
 * `an instance was taken out of service in response to an ELB system health check failure`, `… to an EC2 health check indicating it
 * has been terminated or stopped`, `… to a user health-check`. A person who terminates one leaves `… to a user request`.
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ts-as-healthchecks.html
 */
export const isForHealth = ({ cause }: Pick<ScalingActivity, 'cause'>): boolean =>
  /taken out of service in response to an?\b.*(health.?check|status check)/i.test(cause);
