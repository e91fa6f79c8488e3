import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../../test/until.ts';
import { CONTEXT, ROLE_ENVIRONMENT, scriptDocument, startFleet, type TestFleet } from '../../../demo/test/aws/instances/test-fleet.ts';
import { createOnPremises } from '../../on-premises/service.ts';

let fleet: TestFleet;
let mayReport = true;

beforeAll(async () => {
  fleet = await startFleet({}, () => mayReport);
  await fleet.call('CreateDocument', { Name: 'say', Content: scriptDocument(['echo "on $AWS_SSM_INSTANCE_ID"']) });
});
afterAll(() => fleet.stop());

const code = (wanted: string): unknown => expect.objectContaining({ name: 'AwsError', code: wanted });

interface Activation {
  readonly ActivationId: string;
  readonly ActivationCode: string;
}
const activate = (more: object = {}): Promise<Activation> =>
  fleet.call('CreateActivation', { IamRole: 'on-premises', RegistrationLimit: 5, Tags: [{ Key: 'fleet', Value: 'web' }], ...more });

/** A server on premises whose user data registers it, as the user guide says. */
async function start(IpAddress: string, { ActivationId, ActivationCode }: Activation): Promise<{ MachineId: string; NodeId: string }> {
  const { StartMachine } = createOnPremises(fleet.instances).operations;
  const UserData = `#!/bin/bash\namazon-ssm-agent -register -code '${ActivationCode}' -id '${ActivationId}' -region us-east-1 -y\n`;
  return (await StartMachine?.({ Name: 'server', IpAddress, UserData }, CONTEXT)) as { MachineId: string; NodeId: string };
}
const information = async (NodeId: string): Promise<Record<string, unknown> | undefined> =>
  (
    await fleet.call<{ InstanceInformationList: Record<string, unknown>[] }>('DescribeInstanceInformation', {
      Filters: [{ Key: 'InstanceIds', Values: [NodeId] }],
    })
  ).InstanceInformationList[0];

describe('a server on premises', () => {
  it('is a managed node once its agent is registered, and takes commands', async () => {
    const activation = await activate({ DefaultInstanceName: 'shop server' });
    const { MachineId, NodeId } = await start('192.168.7.11', activation);
    expect(MachineId).toMatch(/^m-[0-9a-f]{17}$/);
    expect(NodeId).toMatch(/^mi-[0-9a-f]{17}$/);
    expect(await information(NodeId)).toMatchObject({
      InstanceId: NodeId,
      ResourceType: 'ManagedInstance',
      PingStatus: 'Online',
      IPAddress: '192.168.7.11',
      ActivationId: activation.ActivationId,
      IamRole: 'on-premises',
      Name: 'shop server',
    });
    expect(await fleet.run(NodeId, 'say', {})).toMatchObject({ Status: 'Success', StandardOutputContent: `on ${NodeId}\n` });
    expect(fleet.instances.resolve('192.168.7.11', 8080)).toMatchObject({ host: '127.0.0.1' });
    expect(fleet.instances.isOnPremises?.('192.168.7.11')).toBe(true);
    // Nobody reaches it by the name that only the local cloud has for it.
    expect(fleet.instances.get(MachineId)).toBeUndefined();
  });

  it('calls with the role of its activation: in its commands, and by the file that the AWS CLI reads', async () => {
    const { NodeId } = await start('192.168.7.15', await activate());
    const { folder, environment } = fleet.instances.get(NodeId) ?? {};
    expect(environment).toMatchObject(ROLE_ENVIRONMENT);
    const file = join(folder ?? '', '.aws/credentials');
    expect(readFileSync(file, 'utf8')).toBe(
      '[default]\naws_access_key_id = ASIAROLE\naws_secret_access_key = of the role\naws_session_token = session\n',
    );
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('whose role may not report it is unknown to Systems Manager', async () => {
    mayReport = false;
    const { NodeId } = await start('192.168.7.16', await activate());
    mayReport = true;
    expect(await information(NodeId)).toBeUndefined();
    expect(fleet.instances.get(NodeId)?.online).toBe(false);
  });

  it('has the tags of its activation, which Systems Manager changes, and is found by them', async () => {
    const { NodeId } = await start('192.168.7.12', await activate());
    const node = { ResourceType: 'ManagedInstance', ResourceId: NodeId };
    await fleet.call('AddTagsToResource', { ...node, Tags: [{ Key: 'rack', Value: '7' }] });
    await fleet.call('RemoveTagsFromResource', { ...node, TagKeys: ['fleet'] });
    expect(await fleet.call('ListTagsForResource', node)).toEqual({ TagList: [{ Key: 'rack', Value: '7' }] });
    const { Command } = await fleet.call<{ Command: { CommandId: string } }>('SendCommand', {
      DocumentName: 'say',
      Targets: [{ Key: 'tag:rack', Values: ['7'] }],
    });
    expect(await fleet.wait(NodeId, Command.CommandId)).toMatchObject({ Status: 'Success' });
  });

  it('reports its commands under the ARN of a managed instance', async () => {
    const { NodeId } = await start('192.168.7.13', await activate());
    await fleet.run(NodeId, 'say', {});
    await until(() => fleet.events.some(({ detail }) => detail['instance-id'] === NodeId && detail['status'] === 'Success'));
    expect(fleet.events.find(({ detail }) => detail['instance-id'] === NodeId)?.resources).toEqual([
      `arn:aws:ssm:us-east-1:000000000000:managed-instance/${NodeId}`,
    ]);
  });

  it('is not a node once it is deregistered, and its machine keeps running', async () => {
    const { NodeId, MachineId } = await start('192.168.7.14', await activate());
    await fleet.call('DeregisterManagedInstance', { InstanceId: NodeId });
    expect(await information(NodeId)).toBeUndefined();
    await expect(fleet.call('SendCommand', { DocumentName: 'say', InstanceIds: [NodeId] })).rejects.toEqual(code('InvalidInstanceId'));
    await expect(fleet.call('DeregisterManagedInstance', { InstanceId: NodeId })).rejects.toEqual(code('InvalidInstanceId'));
    expect(fleet.instances.describe().find(({ instanceId }) => instanceId === MachineId)?.state).toBe('running');
  });
});

describe('an activation', () => {
  it('registers no more machines than its limit, and counts them', async () => {
    const activation = await activate({ RegistrationLimit: 1 });
    await start('192.168.7.21', activation);
    await expect(start('192.168.7.22', activation)).rejects.toThrow(/registration limit of 1/);
    expect(fleet.instances.describe().some(({ privateIp }) => privateIp === '192.168.7.22')).toBe(false);
    const { ActivationList } = await fleet.call<{ ActivationList: object[] }>('DescribeActivations', {
      Filters: [{ FilterKey: 'ActivationIds', FilterValues: [activation.ActivationId] }],
    });
    expect(ActivationList).toEqual([expect.objectContaining({ RegistrationLimit: 1, RegistrationsCount: 1, Expired: false })]);
  });

  it.each([
    ['a wrong code', (real: Activation) => ({ ...real, ActivationCode: 'x'.repeat(20) }), /does not belong/],
    ['an unknown id', (real: Activation) => ({ ...real, ActivationId: '00000000-0000-4000-8000-000000000000' }), /not valid/],
  ])('registers nothing by %s', async (_, wrong, message) => {
    await expect(start('192.168.7.31', wrong(await activate()))).rejects.toThrow(message);
  });

  it('that is deleted registers nothing more', async () => {
    const activation = await activate();
    await fleet.call('DeleteActivation', { ActivationId: activation.ActivationId });
    await expect(start('192.168.7.41', activation)).rejects.toThrow(/not valid/);
    await expect(fleet.call('DeleteActivation', { ActivationId: activation.ActivationId })).rejects.toEqual(code('InvalidActivationId'));
  });

  it.each([
    ['yesterday', -24],
    ['in 31 days', 31 * 24],
  ])('cannot expire %s', async (_, hours) => {
    const ExpirationDate = Date.now() / 1000 + hours * 3600;
    await expect(activate({ ExpirationDate })).rejects.toEqual(code('ValidationException'));
  });

  it('is not for an EC2 instance', async () => {
    const { ActivationId, ActivationCode } = await activate();
    const script = `#!/bin/bash\namazon-ssm-agent -register -code '${ActivationCode}' -id '${ActivationId}' -region us-east-1 2>"$HOME/said"\n`;
    const { instanceId } = await fleet.launch({ userData: script });
    expect((await fleet.run(instanceId, 'say', {})).StandardOutputContent).toBe(`on ${instanceId}\n`);
    expect(await information(instanceId)).toMatchObject({ ResourceType: 'EC2Instance' });
  });
});

describe('an address on premises', () => {
  it.each(['8.8.8.8', '172.32.0.1', 'shop', '::1'])('is private: %s is refused', async (IpAddress) => {
    await expect(start(IpAddress, await activate())).rejects.toEqual(code('ValidationException'));
  });

  it('belongs to one machine', async () => {
    await start('192.168.7.51', await activate());
    await expect(start('192.168.7.51', await activate())).rejects.toThrow(/another machine has the address 192\.168\.7\.51/);
  });
});
