/** Hand-written fakes around the service, and an injected clock. */
import type { MachineSpec, Machines } from '../../auto-scaling/machines.ts';
import { createAutoScalingService } from '../../auto-scaling/service.ts';
import type { EventBus, MetricDatum, TargetGroups } from '../../interfaces.ts';
import type { CallContext } from '../../service/service.ts';

type BusEvent = Parameters<EventBus['put']>[0];
export const TARGET_GROUP = 'arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/web/0123456789abcdef';
const caller: CallContext = { region: 'us-east-1', accountId: '000000000000', accessKeyId: 'test' };

export interface DescribedInstance {
  InstanceId: string;
  LifecycleState: string;
  HealthStatus: string;
  AvailabilityZone: string;
}
export interface DescribedGroup {
  DesiredCapacity: number;
  Instances: DescribedInstance[];
  SuspendedProcesses: { ProcessName: string }[];
  Tags: { Key: string; Value: string }[];
}

export function createWorld(settings: { failLaunches?: number } = {}) {
  let nowMs = Date.UTC(2026, 0, 1);
  let serial = 0;
  let failLaunches = settings.failLaunches ?? 0;
  const running = new Set<string>();
  const specs: MachineSpec[] = [];
  const events: BusEvent[] = [];
  const metrics: MetricDatum[] = [];
  /** What happened, in order: `register i-1`, `event …`, `end i-1`. */
  const order: string[] = [];
  const targetStates = new Map<string, string>();

  const machines: Machines = {
    async launch(spec) {
      if (failLaunches > 0) {
        failLaunches -= 1;
        throw new Error('InsufficientInstanceCapacity');
      }
      specs.push(spec);
      serial += 1;
      const instanceId = `i-${serial}`;
      running.add(instanceId);
      return { instanceId, privateIp: `127.0.0.${serial}` };
    },
    async terminate(instanceId) {
      running.delete(instanceId);
      order.push(`end ${instanceId}`);
    },
    isRunning: (instanceId) => running.has(instanceId),
  };
  const targetGroups: TargetGroups = {
    async register(_arn, targetId) {
      order.push(`register ${targetId}`);
      targetStates.set(targetId, 'healthy');
    },
    async deregister(_arn, targetId) {
      order.push(`deregister ${targetId}`);
      targetStates.set(targetId, 'draining');
    },
    health: (_arn, targetId) => targetStates.get(targetId),
  };
  const service = createAutoScalingService({
    now: () => nowMs,
    region: 'us-east-1',
    accountId: '000000000000',
    machines,
    targetGroups,
    events: {
      async put(event) {
        events.push(event);
        order.push(`event ${event.detailType}`);
      },
    },
    launchTemplate: async () => ({ userData: '', imageId: 'ami-1', instanceType: 't4g.small', tags: { from: 'template' } }),
    log: () => undefined,
    metrics: { record: (data) => void metrics.push(...data) },
    settings: { tickMs: 2, healthCheckFrequencyMs: 0 },
  });

  const call = async <T = Record<string, unknown>>(operation: string, input: Record<string, unknown>): Promise<T> => {
    const run = service.operations[operation];
    if (run === undefined) throw new Error(`no operation ${operation}`);
    return (await run(input, caller)) as T;
  };
  const group = async (name = 'web'): Promise<DescribedGroup> => {
    const { AutoScalingGroups } = await call<{ AutoScalingGroups: DescribedGroup[] }>('DescribeAutoScalingGroups', {
      AutoScalingGroupNames: [name],
    });
    const found = AutoScalingGroups[0];
    if (found === undefined) throw new Error(`no group ${name}`);
    return found;
  };
  return {
    service,
    events,
    metrics,
    order,
    specs,
    running,
    targetStates,
    call,
    group,
    advance(ms: number) {
      nowMs += ms;
    },
    create: (changes: Record<string, unknown> = {}) =>
      call('CreateAutoScalingGroup', {
        AutoScalingGroupName: 'web',
        MinSize: '0',
        MaxSize: '4',
        DesiredCapacity: '2',
        LaunchTemplate: { LaunchTemplateId: 'lt-1', Version: '1' },
        VPCZoneIdentifier: 'subnet-a,subnet-b',
        TargetGroupARNs: [TARGET_GROUP],
        ...changes,
      }),
    /** `i-1 InService, i-2 Pending:Wait` */
    states: async () => (await group()).Instances.map((instance) => `${instance.InstanceId} ${instance.LifecycleState}`).join(', '),
  };
}
export type World = ReturnType<typeof createWorld>;
