/** One Application Load Balancer with one target group, on the decisions and operations of the local one. */

import type { DataPlane } from '#local-aws/elbv2/data-plane/data-plane.ts';
import { countHosts, createMeter } from '#local-aws/elbv2/data-plane/meter.ts';
import { createTargetLifecycle } from '#local-aws/elbv2/data-plane/target-lifecycle.ts';
import { NOT_REGISTERED, targetState } from '#local-aws/elbv2/data-plane/target-state.ts';
import { listenerOperations } from '#local-aws/elbv2/operations/listeners.ts';
import { ruleOperations } from '#local-aws/elbv2/operations/rules.ts';
import { targetGroupOperations } from '#local-aws/elbv2/operations/target-groups.ts';
import { targetOperations } from '#local-aws/elbv2/operations/targets.ts';
import type { MetricSink } from '#local-aws/interfaces.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { Service } from '../seam/call.ts';
import { addressOf, instanceOf } from './addresses.ts';
import type { LoadBalancer, Servers } from './contracts.ts';
import { createChecks, togetherChecks } from './load-balancer-checks.ts';
import { createPins, type PinnableRequest } from './load-balancer-pins.ts';
import { createRequests, type Requests } from './load-balancer-requests.ts';
import { createResources, type Front } from './load-balancer-resources.ts';
import { localService, only } from './local-service.ts';

export interface LoadBalancerOptions {
  readonly kernel: Kernel;
  readonly servers: Servers;
  readonly front: Front;
  /** Where the metrics go: CloudWatch. */
  readonly metrics: MetricSink;
  /**
   * How long at most new requests still arrive after a deregistration; each one's lag is drawn from 0 on. Above `quietSeconds` of
   * a fleet's settings it is a fault, which explains failed requests. @default 25000
   */
  readonly longestLagMs?: number;
  /** A target's lag is above the default's most. */
  readonly lagsLong?: () => void;
}

export interface SimulatedLoadBalancer extends LoadBalancer {
  /** `elasticloadbalancing` */
  readonly service: Service;
  readonly send: Requests['send'];
  /** Whether the drain rule takes a request of another service; absent where the listener has none. */
  readonly takesFromOthers?: (request: PinnableRequest) => boolean;
  /** Pattern of the sessions that the drain rule takes, and the servers in its group that have not left it. */
  readonly pinned: () => { readonly pattern: string | undefined; readonly instanceIds: readonly string[] };
  /** A deployment of the templates resets the drain rule: see load-balancer-pins.ts. */
  readonly resetRule: () => boolean;
  /** Whether that explains a session that its user has lost. */
  readonly followsReset: () => boolean;
  readonly drainGroupArn: string | undefined;
}

/** What users measured is 15–25 s, and deploys are made for. */
const LONGEST_LAG_MS = 25_000;
/**
 * AWS does not document how long a draining target that is registered again is still shown as draining: at most this long in two runs
 * of three, and until its deregistration delay would have passed in the others.
 */
const SHORT_RETURN_MS = 20_000;
/** One of each zone, and some more once the load balancer has grown. */
const NODES = 4;

export function createLoadBalancer(options: LoadBalancerOptions): SimulatedLoadBalancer {
  const { kernel, servers, front, metrics, longestLagMs = LONGEST_LAG_MS } = options;
  const resources = createResources(front);
  const { registry, group, loadBalancer } = resources;
  const random = kernel.random('load balancer');
  const now = () => kernel.now();
  const schedule = (delayMs: number, run: () => void) => kernel.after(delayMs, run);
  const aheadMs = [0, ...Array.from({ length: NODES - 1 }, () => random.whole(0, longestLagMs))];
  const { drain } = resources;
  const pins = drain && createPins(kernel, drain.group, drain.rule);
  const others = kernel.random('requests of other services');
  const own = createChecks(kernel, group, servers);
  const checks = drain ? togetherChecks([own, createChecks(kernel, drain.group, servers, 'health checks of the drain group')]) : own;
  const gauges = () => [{ loadBalancer: loadBalancer.fullName, activeConnections: 0, groups: [countHosts(group)] }];
  const meter = createMeter(metrics, now, 60_000, gauges, schedule);
  const requests = createRequests(kernel, resources, { servers, meter, aheadMs, ...(pins && { pins }) });
  const targetOf = front.targetGroup.ofAddresses ? addressOf : (instanceId: string) => instanceId;
  const resolver = { resolve: (id: string, port: number) => (servers.isRunning(instanceOf(id)) ? { host: id, port } : undefined) };
  const propagationLagMs = () => {
    const lagMs = random.whole(0, longestLagMs);
    if (lagMs > LONGEST_LAG_MS) options.lagsLong?.();
    return lagMs;
  };
  const returns = kernel.random('returning targets');
  const longestReturnMs = returns.chance(1 / 3) ? front.targetGroup.deregistrationDelaySeconds * 1000 : SHORT_RETURN_MS;
  const reregistrationLagMs = () => (returns.chance(0.5) ? 0 : returns.whole(1_000, longestReturnMs));
  const lags = { propagationLagMs, reregistrationLagMs, secondMs: 1000 };
  const lifecycle = createTargetLifecycle({ checks, connections: requests, resolver, settings: lags, now, schedule });
  const context = {
    region: 'eu-central-1',
    now,
    registry,
    checks,
    lifecycle,
    dataPlane: { ...NO_DATA_PLANE, ...(pins && { publish: pins.changed }) },
  };

  return {
    service: localService({
      ...only(targetOperations(context), 'RegisterTargets', 'DeregisterTargets', 'DescribeTargetHealth'),
      ...only(targetGroupOperations(context), 'DescribeTargetGroups', 'DescribeTargetGroupAttributes'),
      ...only(listenerOperations(context), 'DescribeListeners'),
      ...only(ruleOperations(context), 'DescribeRules', 'ModifyRule'),
    }),
    send: requests.send,
    ...(front.ownRule && pins && { takesFromOthers: (request: PinnableRequest) => pins.takes(request, others.pick(aheadMs)) }),
    register(instanceId) {
      lifecycle.register(group, [{ id: targetOf(instanceId) }]);
    },
    deregister(instanceId) {
      lifecycle.deregister(group, [{ id: targetOf(instanceId) }]);
    },
    stateOf(instanceId) {
      const target = [...group.targets.values()].find(({ id }) => id === targetOf(instanceId));
      return (target === undefined ? NOT_REGISTERED : targetState(target, { inUse: true, healthCheckEnabled: true }, now())).State;
    },
    pinned: () => ({
      pattern: pins?.pattern(),
      instanceIds: [...(drain?.group.targets.values() ?? [])].filter(({ draining }) => draining === undefined).map(({ id }) => id),
    }),
    resetRule: () => pins?.reset() ?? false,
    followsReset: () => pins?.followsReset() ?? false,
    drainGroupArn: drain?.group.arn,
    registered: () => [...group.targets.values()].filter(({ draining }) => draining === undefined).map(({ id }) => instanceOf(id)),
  };
}

const refuse = (): never => {
  throw new Error('the listener of the simulated load balancer cannot be changed');
};
const NO_DATA_PLANE: DataPlane = {
  open: refuse,
  close: refuse,
  publish: refuse,
  refresh: refuse,
  address: refuse,
  addressOf: refuse,
  presentedCertificate: refuse,
  connections: refuse,
  stop: refuse,
};
