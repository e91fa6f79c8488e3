/** Operations on targets. */
import { z } from 'zod';
import { list, text } from '../../service/parse-input.ts';
import type { Operation } from '../../service/service.ts';
import type { ElbContext } from '../context.ts';
import { NOT_REGISTERED, targetState } from '../data-plane/target-state.ts';
import { parseInput, port } from '../input.ts';
import { type Target, targetKey } from '../resources.ts';

const description = z.object({ Id: text, Port: port.optional(), AvailabilityZone: text.optional() });
const someInput = z.object({ TargetGroupArn: text, Targets: list(description) });
const healthInput = z.object({ TargetGroupArn: text, Targets: list(description).optional() });

export function targetOperations({ registry, lifecycle, checks, now }: Omit<ElbContext, 'dataPlane'>): Record<string, Operation> {
  return {
    RegisterTargets(input) {
      const { TargetGroupArn, Targets } = parseInput(someInput, input);
      lifecycle.register(
        registry.targetGroup(TargetGroupArn),
        Targets.map(({ Id, Port, AvailabilityZone }) => ({ id: Id, port: Port, availabilityZone: AvailabilityZone })),
      );
      return {};
    },
    DeregisterTargets(input) {
      const { TargetGroupArn, Targets } = parseInput(someInput, input);
      const group = registry.targetGroup(TargetGroupArn);
      // Without a port: the group's own alone. A target with a port of its own stays, and the call succeeds all the same.
      // https://github.com/chaostoolkit-incubator/chaostoolkit-aws/issues/60, https://github.com/aws/aws-sdk-js/issues/1964
      const targets = Targets.map(({ Id, Port = group.port }) => ({ id: Id, port: Port }));
      lifecycle.deregister(group, targets);
      return {};
    },
    DescribeTargetHealth(input) {
      const { TargetGroupArn, Targets } = parseInput(healthInput, input);
      const group = registry.targetGroup(TargetGroupArn);
      const nowMs = now();
      const conditions = { inUse: checks.inUse(group.arn), healthCheckEnabled: group.healthCheck.enabled };
      const healthCheckPort = (target: { port: number }): string =>
        group.healthCheck.port === 'traffic-port' ? String(target.port) : group.healthCheck.port;
      const describe = (id: string, targetPort: number, target: Target | undefined): object => ({
        Target: { Id: id, Port: targetPort, AvailabilityZone: target?.availabilityZone },
        HealthCheckPort: target === undefined ? undefined : healthCheckPort(target),
        TargetHealth: target === undefined ? NOT_REGISTERED : targetState(target, conditions, nowMs),
      });
      if (Targets === undefined || Targets.length === 0) {
        const present = [...group.targets.values()].filter(({ draining }) => draining === undefined || nowMs < draining.untilMs);
        return { TargetHealthDescriptions: present.map((target) => describe(target.id, target.port, target)) };
      }
      return {
        TargetHealthDescriptions: Targets.flatMap(({ Id, Port }) => {
          // An id without a port means every registration of that id.
          const same = [...group.targets.values()].filter((target) => target.id === Id && (Port === undefined || target.port === Port));
          if (same.length > 0) return same.map((target) => describe(target.id, target.port, target));
          return [describe(Id, Port ?? group.port, group.targets.get(targetKey(Id, Port ?? group.port)))];
        }),
      };
    },
  };
}
