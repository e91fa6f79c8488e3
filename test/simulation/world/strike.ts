import type { WorldFault } from '../faults/fault-plan.ts';
import type { Faults } from '../faults/faults.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { FaultLog } from './fault-log.ts';
import type { World } from './world.ts';

/** What an operator does in a run; it belongs to the run, which knows its deploys. */
export interface RunOperator {
  abort(): boolean;
  deployAgain(): boolean;
}

/**
 * Makes faults of the world happen. A fault that finds nothing to strike has no effect and is not counted.
 * @param healAtMs since the epoch: by then what heals has healed
 */
export function createStrike(
  kernel: Kernel,
  {
    world,
    log,
    faults,
    operator,
    healAtMs,
  }: { world: () => World; log: FaultLog; faults: Pick<Faults, 'took'>; operator: RunOperator; healAtMs: number },
): (fault: WorldFault) => void {
  return ({ kind, server, lastsMs }) => {
    const { autoScaling, servers, store, cloudWatch } = world();
    const nowMs = kernel.now();
    const untilMs = Math.min(nowMs + lastsMs, Math.max(healAtMs, nowMs));
    const members = [...autoScaling.group.members.values()].filter(({ state }) => state === 'InService');
    const instanceId = members[server % Math.max(1, members.length)]?.instanceId;
    const machine = instanceId === undefined ? undefined : servers.find(instanceId);
    /** Before it strikes, for what it breaks at once has to find it. @param until of its effect; without end it is never healed */
    const took = (until = untilMs, id?: string) => {
      faults.took(kind);
      log.add({ kind, ...(id !== undefined && { instanceId: id }), fromMs: nowMs, untilMs: until });
    };
    if (kind.startsWith('server.') || kind.startsWith('agent.') || kind === 'instance.terminated' || kind === 'group.standby') {
      if (instanceId === undefined || !machine?.isRunning) return;
      switch (kind) {
        case 'server.dead':
          took(Number.POSITIVE_INFINITY, instanceId);
          return machine.halt('stopped', 'silent');
        case 'server.hanging': {
          const { application } = machine;
          if (application === undefined || application.isFrozen) return;
          application.freeze();
          kernel.after(untilMs - nowMs, () => application.thaw());
          return took(untilMs, instanceId);
        }
        case 'server.restarting':
          if (machine.application === undefined) return;
          took(nowMs, instanceId);
          return machine.crash();
        case 'agent.silent':
          machine.agentSilentUntilMs = untilMs;
          return took(untilMs, instanceId);
        case 'agent.slow':
          machine.agentSlowUntilMs = untilMs;
          return took(untilMs, instanceId);
        case 'instance.terminated':
          took(Number.POSITIVE_INFINITY, instanceId);
          return machine.halt('terminated', 'broken');
        default:
          autoScaling.operator.enterStandby(instanceId, true);
          return took(Number.POSITIVE_INFINITY, instanceId);
      }
    }
    switch (kind) {
      case 'group.scaledOut':
        if (autoScaling.group.desired >= autoScaling.group.maxSize) return;
        autoScaling.operator.setDesiredCapacity(autoScaling.group.desired + 1);
        return took();
      case 'store.failover':
        store.failover(Math.min(lastsMs, 60_000));
        return took(nowMs + Math.min(lastsMs, 60_000));
      case 'store.outage':
        store.outage(untilMs - nowMs);
        return took();
      case 'store.replicaBehind':
        store.replicaBehind(untilMs - nowMs);
        return took();
      case 'alarm.red': {
        const name = cloudWatch.alarmNames[server % cloudWatch.alarmNames.length];
        if (name === undefined) return;
        cloudWatch.forceRed(name, untilMs - nowMs);
        return took();
      }
      case 'operator.abort':
        if (operator.abort()) took();
        return;
      case 'operator.secondDeploy':
        if (operator.deployAgain()) took();
        return;
      default:
        throw new Error(`nothing makes the fault ${kind} happen`);
    }
  };
}
