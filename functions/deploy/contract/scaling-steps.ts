/** What the deploy does to Auto Scaling: payloads of the scaling function. */

import type { Suspension } from '../../records/suspension.ts';
import type { Lease } from '../../records/types.ts';
import type { DeployContext } from './common.ts';

/** Auto Scaling processes that a deploy suspends; Launch goes on, so that a fleet can grow in mid-deploy. */
export const SUSPENDED_PROCESSES = [
  'HealthCheck',
  'ReplaceUnhealthy',
  'Terminate',
  'InstanceRefresh',
  'AZRebalance',
  'AlarmNotification',
  'ScheduledActions',
] as const;

/** Reply to resume. */
export interface Resumed {
  readonly resumed: readonly string[];
}

/** Reply to suspend is the {@link Suspension}, to resume {@link Resumed}. */
export type ScalingRequest =
  // Auto Scaling processes and instance health
  /** `round`: how many rounds came before, with this lease. */
  | { readonly step: 'suspend'; readonly deploy: DeployContext; readonly lease: Lease; readonly round: number }
  | { readonly step: 'resume'; readonly deploy: DeployContext; readonly lease: Lease; readonly suspension: Suspension };
