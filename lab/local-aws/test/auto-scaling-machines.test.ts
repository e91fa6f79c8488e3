import { describe, expect, it } from 'vitest';
import { autoScalingMachines } from '../auto-scaling-machines.ts';
import { launchWithRole } from '../ec2/launch-with-role.ts';
import type { Instances, LaunchRequest } from '../instances/instances.ts';
import { AwsError } from '../service/service.ts';
import { agentReports } from '../ssm/may-report.ts';

const environment = { AWS_ACCESS_KEY_ID: 'ASIA', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };
const spec = { userData: '', imageId: 'ami-1', instanceType: 't4g.small', availabilityZone: 'us-east-1a', tags: { Name: 'web' } };

function world({ refused = false } = {}) {
  const launched: LaunchRequest[] = [];
  const happened: string[] = [];
  const instances = {
    launch: async (request: LaunchRequest) => {
      launched.push(request);
      return { instanceId: request.instanceId, privateIp: '10.0.0.4', booted: new Promise(() => {}) };
    },
    terminate: async () => void happened.push('terminated'),
    describe: () => [],
  } as unknown as Instances;
  const roles = {
    session: async (profile: string, instanceId: string) => ({
      roleArn: `role of ${profile}`,
      sessionArn: `session of ${instanceId}`,
      environment,
    }),
  };
  const mayReport = agentReports({
    access: {
      permit: async (principal, action, [permission]) => {
        happened.push(`${principal.policySourceArn} asks ${action} on ${permission?.resource}`);
        if (refused) throw new AwsError('AccessDenied', 'no', 403);
      },
    },
    log: (line) => happened.push(line.replace(/^i-[0-9a-f]{17}/, 'it')),
  });
  const machines = autoScalingMachines(instances, launchWithRole({ instances, roles, mayReport }));
  return { machines, launched, happened };
}

describe('a machine of a group', () => {
  it('has the session of its instance profile, named for it, and reports to Systems Manager with it', async () => {
    const { machines, launched, happened } = world();
    const { instanceId } = await machines.launch({ ...spec, instanceProfile: 'servers' });
    expect(instanceId).toMatch(/^i-[0-9a-f]{17}$/);
    expect(launched).toEqual([{ ...spec, instanceId, instanceProfile: 'servers', name: 'web', environment, hasAgent: true }]);
    expect(happened).toEqual(['role of servers asks ssm:UpdateInstanceInformation on *']);
  });

  it('whose role may not report it is not a managed instance', async () => {
    const { machines, happened } = world({ refused: true });
    await machines.launch({ ...spec, instanceProfile: 'servers' });
    expect(happened.slice(1)).toEqual(['it the agent is not registered: no']);
  });

  it('without an instance profile has no credentials and no agent', async () => {
    const { machines, launched, happened } = world();
    await machines.launch(spec);
    expect(launched[0]?.environment).toEqual({});
    expect(launched[0]?.hasAgent).toBe(false);
    expect(happened).toEqual(['it the agent is not registered: it has no instance profile']);
  });

  it('runs until it has ended', () => {
    const describe = () => [
      { instanceId: 'i-1', state: 'running' },
      { instanceId: 'i-2', state: 'terminated' },
    ];
    const instances = { describe, terminate: async () => {} } as unknown as Instances;
    const { isRunning } = autoScalingMachines(instances, async () => Promise.reject(new Error('launches nothing')));
    expect(['i-1', 'i-2', 'i-3'].map((id) => isRunning(id))).toEqual([true, false, false]);
  });

  it('is launched while its user data runs, and whatever it ends with, as on AWS', async () => {
    const { machines, happened } = world();
    await machines.launch({ ...spec, instanceProfile: 'servers' });
    expect(happened).not.toContain('terminated');
  });
});
