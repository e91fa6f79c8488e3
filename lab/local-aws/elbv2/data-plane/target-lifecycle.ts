/** Registration and deregistration of targets, with the deregistration delay. */
import { isIP } from 'node:net';
import type { Now, TargetResolver } from '../../interfaces.ts';
import { type Schedule, type Scheduled, scheduleByTimer } from '../../schedule.ts';
import { AwsError } from '../../service/service.ts';
import { numberOf } from '../attributes.ts';
import type { Elbv2Settings } from '../options.ts';
import { type Target, type TargetGroup, targetKey, UNCHECKED } from '../resources.ts';
import type { HealthChecks } from './health-checks.ts';
import type { TargetConnections } from './target-connections.ts';

export interface TargetReference {
  readonly id: string;
  /** The group's own port when there is none. */
  readonly port?: number;
  readonly availabilityZone?: string;
}

export interface TargetLifecycle {
  /**
   * Takes effect at once: users found that an ALB sends requests to a target that is up right after its registration. What
   * spreads slowly is a registration's end.
   *
   * Registering an instance again that is draining ends the draining, at once or after `reregistrationLagMs`; the target is then `initial`
   * again (inferred: AWS documents it nowhere), and what is in flight on it goes on. An address has to wait until its delay has passed: the
   * guide states that, and neither the error nor whether another port of the address is taken meanwhile; here the whole address is refused.
   *
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html
   * @see https://github.com/kubernetes-sigs/aws-load-balancer-controller/issues/1834
   * @throws AwsError InvalidTarget; ValidationError
   */
  register(group: TargetGroup, targets: readonly TargetReference[]): void;
  /** A target that is not registered is passed over, as on AWS. Without a port, every port of that id. */
  deregister(group: TargetGroup, targets: readonly TargetReference[]): void;
  /** Ends what a group that is being deleted still has. */
  discard(group: TargetGroup): void;
  stop(): void;
}

export interface LifecycleSettings extends Pick<Elbv2Settings, 'propagationLagMs' | 'secondMs'> {
  /** How long a draining target that is registered again is still shown as draining, in milliseconds. @default 0 */
  readonly reregistrationLagMs?: () => number;
}

export interface LifecycleOptions {
  readonly checks: HealthChecks;
  readonly connections: Pick<TargetConnections, 'cut'>;
  readonly resolver: TargetResolver;
  readonly settings: LifecycleSettings;
  readonly now: Now;
  /** @default by timers */
  readonly schedule?: Schedule;
}

export function createTargetLifecycle(options: LifecycleOptions): TargetLifecycle {
  const { checks, connections, resolver, settings, now, schedule = scheduleByTimer } = options;
  const timers = new Map<Target, Scheduled>();
  /** Draining ones that are registered again, and not shown so yet. */
  const returning = new Set<Target>();

  const forget = (group: TargetGroup, target: Target): void => {
    timers.get(target)?.cancel();
    timers.delete(target);
    returning.delete(target);
    group.targets.delete(targetKey(target.id, target.port));
    connections.cut(target);
  };
  const drain = (group: TargetGroup, target: Target): void => {
    const delayMs = numberOf(group.attributes, 'deregistration_delay.timeout_seconds') * settings.secondMs;
    const lagMs = settings.propagationLagMs();
    const nowMs = now();
    target.draining = { untilMs: nowMs + delayMs, routableUntilMs: nowMs + lagMs };
    // The data plane's delay begins when it learns of the deregistration, so that the last request gets all of it too.
    timers.set(
      target,
      schedule(lagMs + delayMs, () => forget(group, target)),
    );
  };

  const endDraining = (target: Target): void => {
    returning.delete(target);
    timers.delete(target);
    target.draining = undefined;
    target.health = UNCHECKED;
  };
  const registerAgain = (target: Target, { untilMs, routableUntilMs }: NonNullable<Target['draining']>): void => {
    timers.get(target)?.cancel();
    const lagMs = settings.reregistrationLagMs?.() ?? 0;
    // One that is shown as unused has left; only some nodes have not noticed yet.
    if (lagMs === 0 || now() >= untilMs) endDraining(target);
    else {
      target.draining = { untilMs: now() + lagMs, routableUntilMs };
      returning.add(target);
      const end = () => {
        endDraining(target);
        checks.sync();
      };
      timers.set(target, schedule(lagMs, end));
    }
  };

  return {
    register(group, targets) {
      for (const target of targets) {
        validate(group, target, resolver);
        if (group.targetType === 'ip') refuseDraining(group, target.id, now());
      }
      for (const { id, port = group.port, availabilityZone } of targets) {
        const key = targetKey(id, port);
        const known = group.targets.get(key);
        if (known === undefined) group.targets.set(key, { id, port, availabilityZone, health: UNCHECKED, running: true });
        else if (known.draining !== undefined && !returning.has(known)) registerAgain(known, known.draining);
      }
      checks.sync();
    },
    deregister(group, targets) {
      for (const { id, port } of targets) {
        for (const target of group.targets.values()) {
          if (target.id !== id || (port !== undefined && target.port !== port)) continue;
          if (target.draining !== undefined && !returning.has(target)) continue;
          returning.delete(target);
          timers.get(target)?.cancel();
          // Nothing is in flight on a group that no load balancer uses.
          if (checks.inUse(group.arn)) drain(group, target);
          else forget(group, target);
        }
      }
      checks.sync();
    },
    discard(group) {
      for (const target of [...group.targets.values()]) forget(group, target);
      checks.sync();
    },
    stop() {
      for (const timer of timers.values()) timer.cancel();
      timers.clear();
    },
  };
}

function refuseDraining({ targets }: TargetGroup, address: string, nowMs: number): void {
  const isDraining = [...targets.values()].some(({ id, draining }) => id === address && draining !== undefined && nowMs < draining.untilMs);
  if (isDraining) throw new AwsError('InvalidTarget', `The IP address '${address}' is draining: its deregistration delay has not passed`);
}

function validate(group: TargetGroup, { id, availabilityZone }: TargetReference, resolver: TargetResolver): void {
  if (group.targetType === 'ip') {
    if (isIP(id) === 0) throw new AwsError('ValidationError', `The IP address '${id}' is not a valid IPv4 or IPv6 address`);
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html
    if (availabilityZone === undefined && resolver.isOnPremises?.(id)) {
      throw new AwsError('ValidationError', `The IP address '${id}' is outside the VPC: you must specify the Availability Zone 'all'`);
    }
    return;
  }
  if (availabilityZone !== undefined) {
    throw new AwsError('ValidationError', `An Availability Zone cannot be specified for the instance '${id}'`);
  }
  if (!/^i-[0-9a-f]{8,17}$/.test(id)) throw new AwsError('ValidationError', `Instance ID '${id}' is not valid`);
  if (resolver.resolve(id, group.port) === undefined) {
    throw new AwsError('InvalidTarget', `The following targets are not in a running state and cannot be registered: '${id}'`);
  }
}
