/** Health checks in virtual time: every registered target at the group's interval, judged as the local cloud judges them. */
import type { HealthChecks } from '#local-aws/elbv2/data-plane/health-checks.ts';
import { type CheckResult, judgeHealth } from '#local-aws/elbv2/data-plane/judge-health.ts';
import { type Target, type TargetGroup, targetKey, UNCHECKED } from '#local-aws/elbv2/resources.ts';
import type { Kernel, Scheduled } from '../kernel/kernel.ts';
import { instanceOf } from './addresses.ts';
import type { Servers } from './contracts.ts';

/** A target's first check comes at any moment of the first interval. */
export function createChecks(kernel: Kernel, group: TargetGroup, servers: Servers, name = 'health checks'): HealthChecks {
  const random = kernel.random(name);
  const running = new Map<Target, Scheduled>();
  const isWanted = (target: Target): boolean =>
    target.draining === undefined && group.targets.get(targetKey(target.id, target.port)) === target;

  const judge = (target: Target, result: CheckResult): void => {
    const before = target.health.state;
    target.health = judgeHealth(target.health, result, group.healthCheck);
    if (target.health.state !== before) kernel.note('target', `${target.id} is ${target.health.state}`);
  };
  const check = (target: Target): void => {
    const instanceId = instanceOf(target.id);
    if (!servers.isRunning(instanceId)) {
      target.running = false;
      target.health = UNCHECKED;
      return;
    }
    target.running = true;
    const result = servers.checkHealth(instanceId);
    if (result.kind !== 'timedOut') {
      judge(target, result);
      return;
    }
    const loop = running.get(target);
    kernel.after(group.healthCheck.timeoutSeconds * 1000, () => {
      // Registered anew meanwhile: its checks have begun anew.
      if (running.get(target) === loop) judge(target, result);
    });
  };

  return {
    sync() {
      for (const [target, loop] of running) {
        if (isWanted(target)) continue;
        loop.cancel();
        running.delete(target);
      }
      const intervalMs = group.healthCheck.intervalSeconds * 1000;
      for (const target of group.targets.values()) {
        if (running.has(target) || !isWanted(target)) continue;
        target.health = UNCHECKED;
        const loop = kernel.every(intervalMs, () => check(target), random.whole(0, intervalMs));
        running.set(target, loop);
      }
    },
    inUse: (arn) => arn === group.arn,
    stop() {
      for (const loop of running.values()) loop.cancel();
      running.clear();
    },
  };
}

/** The health checks of several target groups as one. */
export const togetherChecks = (all: readonly HealthChecks[]): HealthChecks => ({
  sync: () => all.forEach((checks) => void checks.sync()),
  inUse: (arn) => all.some((checks) => checks.inUse(arn)),
  stop: () => all.forEach((checks) => void checks.stop()),
});
