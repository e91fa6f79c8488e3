/** What people and accidents do to a group. */
import type { EngineContext } from '#local-aws/auto-scaling/engine-context.ts';
import type { Group } from '#local-aws/auto-scaling/group-state.ts';
import type { Random } from '../../kernel/random.ts';
import type { Service } from '../../seam/call.ts';
import type { Launches } from './engine-context.ts';
import { enterStandby, exitStandby } from './standby.ts';

/** All throw AwsError ValidationError where the API would refuse. */
export interface GroupOperator {
  setDesiredCapacity(capacity: number): void;
  /** TerminateInstanceInAutoScalingGroup. @param decrement false: another one is launched in its place */
  terminate(instanceId: string, decrement: boolean): void;
  /** @param decrement false: another one is launched in its place */
  enterStandby(instanceId: string, decrement: boolean): void;
  /** Brings a member back from `Standby`. */
  exitStandby(instanceId: string): void;
  /** Processes that an operator suspends or resumes, as the functions' calls do. */
  suspend(processes: readonly string[]): void;
  resume(processes: readonly string[]): void;
  /** EC2 has no capacity for this long. */
  refuseLaunches(forMs: number): void;
  /** Registrations with the load balancer take long for this while. @param onFirst when one does */
  registerSlowly(forMs: number, onFirst: () => void): void;
}

/** How long a member that returns from standby is Pending. */
const PENDING_MS = { least: 1_000, most: 20_000 };

export function createGroupOperator(
  context: EngineContext,
  group: Group,
  service: Service,
  launches: Launches,
  random: Random,
): GroupOperator {
  const call = (operation: string, input: object) => void service[operation]?.(input as never);
  const need = (instanceId: string) => context.registry.needMember(instanceId).member;
  const named = { AutoScalingGroupName: group.name };
  return {
    setDesiredCapacity: (capacity) => call('SetDesiredCapacity', { ...named, DesiredCapacity: capacity }),
    terminate: (instanceId, decrement) =>
      call('TerminateInstanceInAutoScalingGroup', { InstanceId: instanceId, ShouldDecrementDesiredCapacity: decrement }),
    enterStandby: (instanceId, decrement) => enterStandby(context, group, need(instanceId), decrement),
    exitStandby: (instanceId) => exitStandby(context, group, need(instanceId), random.whole(PENDING_MS.least, PENDING_MS.most)),
    suspend: (processes) => call('SuspendProcesses', { ...named, ScalingProcesses: processes }),
    resume: (processes) => call('ResumeProcesses', { ...named, ScalingProcesses: processes }),
    refuseLaunches(forMs) {
      launches.refusedUntilMs = Math.max(launches.refusedUntilMs, context.now() + forMs);
    },
    registerSlowly(forMs, onFirst) {
      launches.registeredSlowlyUntilMs = Math.max(launches.registeredSlowlyUntilMs, context.now() + forMs);
      launches.onSlowRegistration = () => {
        launches.onSlowRegistration = undefined;
        onFirst();
      };
    },
  };
}
