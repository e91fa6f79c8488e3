/** The machines for Auto Scaling, which does not know how user data ends: an instance is Pending or InService while it runs, and after it failed. */
import type { Machines } from './auto-scaling/machines.ts';
import type { LaunchWithRole } from './ec2/launch-with-role.ts';
import type { Instances } from './instances/instances.ts';

export function autoScalingMachines(instances: Pick<Instances, 'terminate' | 'describe'>, launch: LaunchWithRole): Machines {
  return {
    async launch(spec) {
      const instance = await launch({ ...spec, name: spec.tags['Name'] ?? '' });
      const { instanceId, privateIp } = instance;
      return { instanceId, privateIp };
    },
    terminate: (instanceId) => instances.terminate(instanceId),
    isRunning: (instanceId) => instances.describe().some((machine) => machine.instanceId === instanceId && machine.state === 'running'),
  };
}
