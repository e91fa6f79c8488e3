/** Checks every registered target of every group in use, at the group's interval. */
import type { Log, TargetResolver } from '../../interfaces.ts';
import type { Elbv2Settings } from '../options.ts';
import type { Registry } from '../registry.ts';
import { type Target, type TargetGroup, targetKey, UNCHECKED } from '../resources.ts';
import { checkTarget } from './check-target.ts';
import { judgeHealth } from './judge-health.ts';

export interface HealthChecks {
  /** Starts and ends checks so that they fit the targets, rules and settings there are now. */
  sync(): void;
  inUse(targetGroupArn: string): boolean;
  stop(): void;
}

export function createHealthChecks(registry: Registry, resolver: TargetResolver, settings: Elbv2Settings, log: Log): HealthChecks {
  const running = new Map<Target, AbortController>();
  let used = new Set<string>();

  const isKnown = (group: TargetGroup, target: Target): boolean => group.targets.get(targetKey(target.id, target.port)) === target;
  const wanted = (group: TargetGroup, target: Target): boolean =>
    used.has(group.arn) &&
    group.healthCheck.enabled &&
    (target.draining === undefined || settings.checksWhileDraining) &&
    isKnown(group, target);

  const check = async (group: TargetGroup, target: Target, signal: AbortSignal): Promise<void> => {
    const { healthCheck } = group;
    const port = healthCheck.port === 'traffic-port' ? target.port : Number(healthCheck.port);
    const address = resolver.resolve(target.id, port);
    if (address === undefined) {
      target.running = false;
      target.health = UNCHECKED;
      return;
    }
    target.running = true;
    const result = await checkTarget(address, healthCheck, healthCheck.timeoutSeconds * settings.healthCheckSecondMs, signal);
    if (signal.aborted) return;
    if (result.kind === 'late') return log(`elbv2: ${group.name} ${target.id}:${target.port} was not judged: the checker itself was late`);
    const before = target.health.state;
    target.health = judgeHealth(target.health, result, healthCheck);
    if (target.health.state !== before) log(`elbv2: ${group.name} ${target.id}:${target.port} is ${target.health.state}`);
  };

  /** Checks one target again and again until `signal` aborts. */
  const watch = async (group: TargetGroup, target: Target, signal: AbortSignal): Promise<void> => {
    // A target that has drained is removed when its delay has passed, without a call of sync(): so the loop asks each time.
    while (!signal.aborted && isKnown(group, target)) {
      const startedMs = performance.now();
      await check(group, target, signal);
      await pause(group.healthCheck.intervalSeconds * settings.healthCheckSecondMs - (performance.now() - startedMs), signal);
    }
  };

  return {
    sync() {
      used = new Set([...registry.loadBalancers.keys()].flatMap((arn) => [...registry.groupsUsedBy(arn)]));
      const all = new Set<Target>();
      for (const group of registry.targetGroups.values()) {
        for (const target of group.targets.values()) {
          if (!wanted(group, target)) continue;
          all.add(target);
          if (running.has(target)) continue;
          const controller = new AbortController();
          running.set(target, controller);
          target.health = UNCHECKED;
          void watch(group, target, controller.signal);
        }
      }
      for (const [target, controller] of running) {
        if (all.has(target)) continue;
        running.delete(target);
        controller.abort();
      }
    },
    inUse: (arn) => used.has(arn),
    stop() {
      for (const controller of running.values()) controller.abort();
      running.clear();
    },
  };
}

/** Ends early, without an error, when aborted. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted || ms <= 0) return Promise.resolve();
  return new Promise((done) => {
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      done();
    };
    const timer = setTimeout(finish, ms);
    timer.unref();
    signal.addEventListener('abort', finish);
  });
}
