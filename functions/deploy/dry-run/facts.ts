import type { SessionsSeen } from '../../instance/steps/sessions.ts';
import type { DeployRecord, LockRecord, ReleaseRecord } from '../../records/types.ts';
import type { HoldfastError } from '../../shared/errors.ts';
import type { PreflightFacts } from '../assess/preflight-facts.ts';
import type { DeployContext } from '../contract/common.ts';
import type { JudgedFront } from '../sessions/judge-drain-groups.ts';

/** What a dry run has read, at one moment. Nothing of it was changed. */
export interface DryRunFacts
  extends Pick<
    PreflightFacts,
    | 'attributes'
    | 'targetGroupArn'
    | 'registeredWith'
    | 'ofAddresses'
    | 'agents'
    | 'alarmStates'
    | 'hooks'
    | 'groupName'
    | 'members'
    | 'toRoll'
    | 'stopped'
    | 'contracts'
    | 'protocolVersion'
  > {
  readonly deploy: DeployContext;
  readonly nowMs: number;
  readonly lock: LockRecord | undefined;
  /** Undefined when it was never published. */
  readonly release: ReleaseRecord | undefined;
  /** Release that the fleet record names; `none` before the first. */
  readonly from: string;
  /** Newest first. */
  readonly latest: readonly DeployRecord[];
  /** Why the store would refuse the deploy; `unknown` when its check did not answer. */
  readonly store: { readonly fault?: HoldfastError; readonly unknown?: string };
  /** What the account's functions share in the Region, or why that is unknown. */
  readonly concurrency:
    | { readonly unreserved: number; readonly unknown?: never }
    | { readonly unreserved?: never; readonly unknown: string };
  /** What is wrong with the fleet's drain rule and the group that it leads to; absent for a fleet whose deploys do not wait for sessions. */
  readonly drainRule?: JudgedFront;
  /** {@link ENV.sessionGate}. */
  readonly sessionGate?: string | undefined;
  /** As in {@link PreflightFacts}. */
  readonly variables?: PreflightFacts['variables'] | undefined;
  readonly asked: readonly string[];
  /** What the servers that answered show of the sessions in their memory. */
  readonly sessions: ReadonlyMap<string, SessionsSeen>;
  readonly suspendsAutoScaling: boolean;
}
