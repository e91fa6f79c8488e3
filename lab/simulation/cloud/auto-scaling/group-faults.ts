/** Faults of the world that concern the group: instances that go, come, and stand by. */
import { AwsError } from '#local-aws/service/service.ts';
import type { WorldFault, WorldFaultKind } from '../../faults/fault-plan.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { Random } from '../../kernel/random.ts';
import type { Servers } from '../contracts.ts';
import type { AutoScaling } from './auto-scaling.ts';

export interface GroupFaultOptions {
  readonly kernel: Kernel;
  readonly scaling: Pick<AutoScaling, 'group' | 'operator'>;
  readonly servers: Pick<Servers, 'terminate'>;
  /** A fault took effect, on this server. @param forMs how long it lasts; Infinity: for good */
  readonly struck: (kind: WorldFaultKind, instanceId: string | undefined, forMs: number) => void;
}

/** How often a member whose drain takes longer is asked to leave standby. */
const RETRY_MS = 10_000;

/** A fault on the member at this position. */
export type GroupFault = Omit<WorldFault, 'server' | 'when'> & { readonly server: number };

/** @returns what makes a fault happen; false for one of another kind */
export function groupFaults({ kernel, scaling, servers, struck }: GroupFaultOptions): (fault: GroupFault) => boolean {
  const random = kernel.random('faults of the group');
  const { group, operator } = scaling;

  const inService = (position: number): string | undefined => {
    const ids = [...group.members.values()].filter(({ state }) => state === 'InService').map(({ instanceId }) => instanceId);
    return ids.length === 0 ? undefined : ids[position % ids.length];
  };

  const terminate = (instanceId: string) => {
    // By EC2, which Auto Scaling notices at its next check, or by its own API, which lets its server end its requests.
    const isSudden = random.chance(0.5);
    struck('instance.terminated', isSudden ? instanceId : undefined, isSudden ? Number.POSITIVE_INFINITY : 0);
    if (isSudden) servers.terminate(instanceId);
    else operator.terminate(instanceId, false);
  };

  const scaleOut = (forMs: number) => {
    if (group.desired >= group.maxSize) return;
    const before = group.desired;
    struck('group.scaledOut', undefined, forMs);
    if (random.chance(0.3)) operator.refuseLaunches(random.whole(0, forMs));
    operator.setDesiredCapacity(before + 1);
    // Who scaled out scales in again, sometimes while the deploy still runs.
    if (random.chance(0.3)) kernel.after(forMs, () => group.desired > before && operator.setDesiredCapacity(before));
  };

  const standBy = (instanceId: string, forMs: number) => {
    if (!enter(operator, instanceId, random)) return;
    struck('group.standby', instanceId, Number.POSITIVE_INFINITY);
    const exit = () => {
      const state = group.members.get(instanceId)?.state;
      if (state === 'EnteringStandby') kernel.after(RETRY_MS, exit);
      else if (state === 'Standby' && group.desired < group.maxSize) operator.exitStandby(instanceId);
    };
    kernel.after(forMs, exit);
  };

  return ({ kind, server, lastsMs }) => {
    const instanceId = inService(server);
    switch (kind) {
      case 'instance.terminated':
        if (instanceId !== undefined) terminate(instanceId);
        return true;
      case 'group.scaledOut':
        scaleOut(lastsMs);
        return true;
      case 'group.standby':
        if (instanceId !== undefined) standBy(instanceId, lastsMs);
        return true;
      case 'group.registersSlowly':
        operator.registerSlowly(lastsMs, () => struck(kind, undefined, lastsMs));
        return true;
      default:
        return false;
    }
  };
}

/** False where the API refuses: at the least size. */
function enter(operator: AutoScaling['operator'], instanceId: string, random: Random): boolean {
  try {
    operator.enterStandby(instanceId, random.chance(0.5));
    return true;
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return false;
  }
}
