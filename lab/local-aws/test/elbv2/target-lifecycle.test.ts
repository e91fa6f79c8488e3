import { describe, expect, it } from 'vitest';
import { defaultsOf, TARGET_GROUP_ATTRIBUTES } from '../../elbv2/attributes.ts';
import type { HealthChecks } from '../../elbv2/data-plane/health-checks.ts';
import { createTargetLifecycle } from '../../elbv2/data-plane/target-lifecycle.ts';
import { targetState } from '../../elbv2/data-plane/target-state.ts';
import type { Target, TargetGroup } from '../../elbv2/resources.ts';

/** AWS's default. */
const DELAY_SECONDS = 300;
const GROUP = { arn: 'arn:group', port: 80, targetType: 'instance', attributes: defaultsOf(TARGET_GROUP_ATTRIBUTES) } as TargetGroup;

describe('a draining target that is registered again, where that takes a while to show', () => {
  const lagging = () => {
    const group = { ...GROUP, targets: new Map<string, Target>() };
    const scheduled: { readonly atMs: number; readonly run: () => void; cancelled: boolean }[] = [];
    let nowMs = 0;
    const schedule = (delayMs: number, run: () => void) => {
      const one = { atMs: nowMs + delayMs, run, cancelled: false };
      scheduled.push(one);
      return {
        cancel() {
          one.cancelled = true;
        },
      };
    };
    const lifecycle = createTargetLifecycle({
      checks: { sync() {}, inUse: () => true } as unknown as HealthChecks,
      connections: { cut() {} },
      resolver: { resolve: () => ({ host: '127.0.0.1', port: 1 }) },
      settings: { propagationLagMs: () => 0, secondMs: 1000, reregistrationLagMs: () => 5000 },
      now: () => nowMs,
      schedule,
    });
    const target = { id: 'i-00000000000000001' };
    const state = () => {
      const [found] = group.targets.values();
      return found ? targetState(found, { inUse: true, healthCheckEnabled: true }, nowMs).State : 'gone';
    };
    const until = (ms: number) => {
      nowMs = ms;
      for (const one of scheduled.splice(0))
        if (one.atMs > ms) scheduled.push(one);
        else if (!one.cancelled) one.run();
    };
    lifecycle.register(group, [target]);
    lifecycle.deregister(group, [target]);
    until(1000);
    lifecycle.register(group, [target]);
    return { state, until, register: () => lifecycle.register(group, [target]), deregister: () => lifecycle.deregister(group, [target]) };
  };

  it('shows draining until then, longer than its delay if need be, and initial afterwards', () => {
    const { state, until, register } = lagging();
    expect(state()).toBe('draining');
    until(3500);
    register();
    expect(state()).toBe('draining');
    until(6000);
    expect(state()).toBe('initial');
    until(600_000);
    expect(state()).toBe('initial');
  });

  it('drains for the whole delay when it is deregistered meanwhile', () => {
    const { state, until, deregister } = lagging();
    until(2000);
    deregister();
    until(6000);
    expect(state()).toBe('draining');
    until(2000 + DELAY_SECONDS * 1000);
    expect(state()).toBe('gone');
  });
});
