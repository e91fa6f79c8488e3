/**
 * Whether a health check makes an instance Unhealthy. It never makes one Healthy again: only SetInstanceHealth does.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/health-check-grace-period.html
 */
export interface HealthView {
  /** `EC2`, `ELB` or both, separated by commas. */
  readonly healthCheckType: string;
  readonly inServiceAtMs: number;
  readonly gracePeriodSeconds: number;
  readonly running: boolean;
  /** State at each load balancer that Auto Scaling registered the instance with; undefined: it was deregistered by hand. */
  readonly targetStates: readonly (string | undefined)[];
}

export type HealthFinding = 'EC2' | 'ELB' | undefined;

/** Load balancer states that count as failed. `unused` too: an instance that was taken out by hand can be replaced. */
const FAILED: ReadonlySet<string | undefined> = new Set(['unhealthy', 'unused', undefined]);

export function judgeHealth(view: HealthView, nowMs: number): HealthFinding {
  // The grace period is for applications that still start; a machine that stopped has nothing to wait for.
  if (!view.running) return 'EC2';
  const inGrace = nowMs < view.inServiceAtMs + view.gracePeriodSeconds * 1000;
  if (inGrace || !view.healthCheckType.split(',').includes('ELB')) return undefined;
  return view.targetStates.some((state) => FAILED.has(state)) ? 'ELB' : undefined;
}
