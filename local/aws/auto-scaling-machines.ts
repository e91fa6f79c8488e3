/** The machines for Auto Scaling: a launch is complete when the user data has succeeded. */
import type { Machines } from './auto-scaling/machines.ts';
import type { Instances } from './instances/instances.ts';
import type { LaunchWithRole } from './instances/launch-with-role.ts';

export function autoScalingMachines(instances: Pick<Instances, 'terminate' | 'describe'>, launch: LaunchWithRole): Machines {
  return {
    async launch(spec) {
      const instance = await launch({ ...spec, name: spec.tags['Name'] ?? '' });
      const { instanceId, privateIp } = instance;
      const boot = await instance.booted;
      if (boot.exitCode !== 0) {
        await instances.terminate(instanceId);
        throw new Error(`${instanceId} did not boot: its user data ended with ${boot.exitCode ?? 'a signal'}`);
      }
      return { instanceId, privateIp };
    },
    terminate: (instanceId) => instances.terminate(instanceId),
    isRunning: (instanceId) => instances.describe().some((machine) => machine.instanceId === instanceId && machine.state === 'running'),
  };
}
