/** Auto Scaling's view of the machines: a launch is over when the user data has ended well. */
import type { Machines } from './auto-scaling/machines.ts';
import type { LocalService } from './gateway/service.ts';
import type { AccessControl } from './iam/access-control.ts';
import type { InstanceRoles, InstanceSession } from './instances/instance-role.ts';
import { type Instances, newInstanceId } from './instances/instances.ts';
import type { Log } from './ports.ts';

export interface MachinesOptions {
  readonly instances: Instances;
  readonly roles: InstanceRoles;
  readonly access: Pick<AccessControl, 'authorize'>;
  readonly ssm: LocalService;
  readonly log: Log;
}

export function machinesOf({ instances, roles, access, ssm, log }: MachinesOptions): Machines {
  /** An agent whose role may not report it is unknown to Systems Manager: the machine serves, and nobody can send it a command. */
  async function registerAgent(instanceId: string, session: InstanceSession | undefined): Promise<void> {
    try {
      if (!session) throw new Error('it has no instance profile');
      const principal = { arn: session.sessionArn, policySourceArn: session.roleArn };
      await access.authorize(principal, ssm, 'UpdateInstanceInformation', { InstanceId: instanceId });
    } catch (error) {
      instances.killAgent(instanceId);
      log(`${instanceId} the agent is not registered: ${(error as Error).message}`);
    }
  }

  return {
    async launch({ instanceProfile, ...spec }) {
      const instanceId = newInstanceId();
      const session = instanceProfile === undefined ? undefined : await roles.session(instanceProfile, instanceId);
      const name = spec.tags['Name'] ?? '';
      const instance = await instances.launch({ ...spec, instanceId, name, environment: { ...session?.environment } });
      await registerAgent(instanceId, session);
      const boot = await instance.booted;
      if (boot.exitCode !== 0) {
        await instances.terminate(instanceId);
        throw new Error(`${instanceId} did not boot: its user data ended with ${boot.exitCode ?? 'a signal'}`);
      }
      return { instanceId, privateIp: instance.privateIp };
    },
    terminate: (instanceId) => instances.terminate(instanceId),
    isRunning: (instanceId) => instances.describe().some((machine) => machine.instanceId === instanceId && machine.state === 'running'),
  };
}
