/** A group of web servers with both hooks, around it the smallest other parts: for tests of Auto Scaling alone. */
import type { Installation } from '../../installation/installation.ts';
import { Kernel } from '../../kernel/kernel.ts';
import type { BusEvent } from '../event-bridge.ts';
import { createAutoScaling } from './auto-scaling.ts';

export const GROUP_NAME = 'holdfast-web';
export const IN_SERVICE = ['i-1', 'i-2', 'i-3'] as const;
/** How long a deregistered target drains here. */
export const DRAIN_MS = 30_000;

const INSTALLATION = {
  group: { name: GROUP_NAME, minSize: 2, maxSize: 6, desiredCapacity: 2, healthCheckType: 'ELB', gracePeriodSeconds: 300 },
  hooks: {
    launch: {
      name: 'install-current-release',
      transition: 'autoscaling:EC2_INSTANCE_LAUNCHING',
      heartbeatSeconds: 600,
      defaultResult: 'ABANDON',
    },
    terminate: {
      name: 'wait-until-idle',
      transition: 'autoscaling:EC2_INSTANCE_TERMINATING',
      heartbeatSeconds: 3600,
      defaultResult: 'CONTINUE',
    },
  },
  targetGroup: { arn: 'arn:aws:elasticloadbalancing:us-east-1:111111111111:targetgroup/web/0123456789abcdef' },
} as Pick<Installation, 'group' | 'hooks' | 'targetGroup'>;

interface Described {
  readonly AutoScalingGroups: readonly [
    {
      readonly DesiredCapacity: number;
      readonly Instances: readonly { readonly InstanceId: string; readonly LifecycleState: string; readonly HealthStatus: string }[];
      readonly SuspendedProcesses: readonly { readonly ProcessName: string }[];
    },
  ];
}

export function createSmallCloud({ seed = 1 }: { readonly seed?: number } = {}) {
  const kernel = new Kernel(seed, { keepTimeline: true });
  const running = new Set<string>(IN_SERVICE);
  const targets = new Map<string, string>();
  const events: BusEvent[] = [];
  const terminating: string[] = [];
  const scaling = createAutoScaling({
    kernel,
    installation: INSTALLATION,
    servers: { isRunning: (id) => running.has(id), launch: (id) => void running.add(id), terminate: (id) => void running.delete(id) },
    loadBalancer: {
      register: (id) => void targets.set(id, 'healthy'),
      deregister(id) {
        targets.set(id, 'draining');
        kernel.after(DRAIN_MS, () => targets.get(id) === 'draining' && targets.delete(id));
      },
      stateOf: (id) => targets.get(id) ?? 'unused',
      registered: () => [...targets.keys()],
    },
    putEvent: (event) => void events.push(event),
    watcher: { terminating: (id, reason) => void terminating.push(`${id} ${reason}`) },
  });
  const call = (operation: string, input: object = {}) => {
    const run = scaling.service[operation];
    if (!run) throw new Error(`no operation ${operation}`);
    return run(input as never);
  };
  const describe = () => (call('DescribeAutoScalingGroups', { AutoScalingGroupNames: [GROUP_NAME] }) as Described).AutoScalingGroups[0];
  return {
    ...scaling,
    kernel,
    running,
    targets,
    events,
    terminating,
    call,
    describe,
    /** Lifecycle states of members other than those of the beginning, in order. */
    newcomers: () => describe().Instances.filter(({ InstanceId }) => !(IN_SERVICE as readonly string[]).includes(InstanceId)),
    stateOf: (id: string) => describe().Instances.find(({ InstanceId }) => InstanceId === id)?.LifecycleState,
    /** The last event's detail. */
    lastAction: () => events.at(-1)?.detail as { readonly LifecycleActionToken: string; readonly EC2InstanceId: string },
    pass: (seconds: number) => kernel.run(kernel.now() + seconds * 1000),
  };
}
