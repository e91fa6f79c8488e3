/** The local Elastic Load Balancing: the API, CloudFormation's resource types and the load balancers themselves. */

import type { TargetGroups } from '../interfaces.ts';
import { limitCalls } from '../service/call-rates.ts';
import type { LocalService } from '../service/service.ts';
import { ELB_CALL_RATES } from './call-rates.ts';
import type { ElbContext } from './context.ts';
import { createDataPlane, type ListenerAddress } from './data-plane/data-plane.ts';
import type { Forwarding } from './data-plane/forward-request.ts';
import { createHealthChecks } from './data-plane/health-checks.ts';
import { countHosts, createMeter, type Gauges } from './data-plane/meter.ts';
import { createCookieSeal } from './data-plane/sticky-cookies.ts';
import { createTargetConnections } from './data-plane/target-connections.ts';
import { createTargetLifecycle } from './data-plane/target-lifecycle.ts';
import { targetState } from './data-plane/target-state.ts';
import { NOT_EMULATED } from './not-emulated.ts';
import { listenerOperations } from './operations/listeners.ts';
import { accountOperations, loadBalancerOperations } from './operations/load-balancers.ts';
import { ruleOperations } from './operations/rules.ts';
import { tagOperations } from './operations/tags.ts';
import { targetGroupOperations } from './operations/target-groups.ts';
import { targetOperations } from './operations/targets.ts';
import { completeSettings, type Elbv2Options } from './options.ts';
import { permissionsOf } from './permissions.ts';
import { createRegistry } from './registry.ts';
import { resourceTypes } from './resource-types.ts';
import type { LoadBalancer, TargetGroup } from './resources.ts';

export type { ListenerAddress } from './data-plane/data-plane.ts';
export type { Elbv2Options, GivenSettings } from './options.ts';

/** A listener as the local page shows it. */
export interface ListenerStatus {
  readonly loadBalancerArn: string;
  readonly loadBalancerName: string;
  readonly listenerArn: string;
  /** The port in the template; `address.port` is where the listener answers on this machine. */
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly address?: ListenerAddress;
  readonly targetGroups: readonly {
    readonly arn: string;
    readonly name: string;
    readonly targets: readonly { readonly id: string; readonly port: number; readonly state: string; readonly inFlight: number }[];
  }[];
}

export interface Elbv2Service extends LocalService {
  readonly targetGroups: TargetGroups;
  /** Where a load balancer's listener can be reached on this machine. */
  addressOf(loadBalancerArn: string, listenerPort: number): ListenerAddress | undefined;
  listeners(): readonly ListenerStatus[];
  /** Forgets the requests of the minute that runs, which are not published yet. */
  forgetRequests(): void;
  /** PEM of the certificate that HTTPS listeners present. */
  presentedCertificate(): Promise<string>;
}

export function createElbv2Service(options: Elbv2Options): Elbv2Service {
  const { now, region, resolver, log } = options;
  const settings = completeSettings(options.settings);
  const registry = createRegistry();
  const connections = createTargetConnections(settings.closeNoticeMs);
  const checks = createHealthChecks(registry, resolver, settings, log);
  const lifecycle = createTargetLifecycle({ checks, connections, resolver, settings, now });
  const meter = createMeter(options.metrics, now, settings.metricPeriodMs, () => [...registry.loadBalancers.values()].map(gaugesOf));
  const turns = new Map<string, number>();
  const plane: Forwarding = {
    now,
    settings,
    resolver,
    meter,
    connections,
    seal: createCookieSeal(),
    targetGroup: (arn) => registry.targetGroups.get(arn),
    turnOf(arn) {
      const turn = turns.get(arn) ?? 0;
      turns.set(arn, turn + 1);
      return turn;
    },
    onFailure: options.onFailure ?? (() => {}),
  };
  const dataPlane = createDataPlane(plane, registry, options.certificates, log);
  const context: ElbContext = { region, now, registry, dataPlane, checks, lifecycle };
  const operations = {
    ...loadBalancerOperations(context),
    ...targetGroupOperations(context),
    ...targetOperations(context),
    ...listenerOperations(context),
    ...ruleOperations(context),
    ...tagOperations(context),
    ...accountOperations(),
  };

  const stateOf = (group: TargetGroup, targetId: string): string | undefined => {
    const target = [...group.targets.values()].find(({ id }) => id === targetId);
    if (target === undefined || (target.draining !== undefined && now() >= target.draining.untilMs)) return undefined;
    return targetState(target, { inUse: checks.inUse(group.arn), healthCheckEnabled: group.healthCheck.enabled }, now()).State;
  };

  function gaugesOf(loadBalancer: LoadBalancer): Gauges {
    const groups = [...registry.groupsUsedBy(loadBalancer.arn)].map(registry.targetGroup);
    const toTargets = groups.flatMap((group) => [...group.targets.values()]).reduce((sum, target) => sum + connections.open(target), 0);
    return {
      loadBalancer: loadBalancer.fullName,
      activeConnections: dataPlane.connections(loadBalancer.arn) + toTargets,
      groups: groups.map(countHosts),
    };
  }

  return {
    signingNames: ['elasticloadbalancing'],
    protocol: { kind: 'query', xmlNamespace: 'http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/' },
    operations,
    permissions: permissionsOf(registry.rules),
    throttle: limitCalls(ELB_CALL_RATES, now),
    resourceTypes: resourceTypes(context, operations),
    notEmulated: NOT_EMULATED,
    targetGroups: {
      async register(arn, id) {
        lifecycle.register(registry.targetGroup(arn), [{ id }]);
      },
      async deregister(arn, id) {
        lifecycle.deregister(registry.targetGroup(arn), [{ id }]);
      },
      health(arn, id) {
        const group = registry.targetGroups.get(arn);
        return group === undefined ? undefined : stateOf(group, id);
      },
    },
    addressOf: dataPlane.addressOf,
    presentedCertificate: dataPlane.presentedCertificate,
    forgetRequests: meter.forget,
    listeners: () =>
      [...registry.listeners.values()].map((listener) => ({
        loadBalancerArn: listener.loadBalancerArn,
        loadBalancerName: registry.loadBalancer(listener.loadBalancerArn).name,
        listenerArn: listener.arn,
        port: listener.port,
        protocol: listener.protocol,
        address: dataPlane.address(listener.arn),
        targetGroups: [...registry.groupsUsedBy(listener.loadBalancerArn)].map(registry.targetGroup).map((group) => ({
          arn: group.arn,
          name: group.name,
          targets: [...group.targets.values()].map((target) => ({
            id: target.id,
            port: target.port,
            state: stateOf(group, target.id) ?? 'unused',
            inFlight: connections.outstanding(target),
          })),
        })),
      })),
    async stop() {
      meter.stop();
      lifecycle.stop();
      checks.stop();
      connections.stop();
      await dataPlane.stop();
    },
  };
}
