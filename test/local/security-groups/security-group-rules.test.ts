import { setTimeout as sleep } from 'node:timers/promises';
import type { EC2Client } from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LocalService, ResourceProvider } from '../../../local/gateway/service.ts';
import { createSecurityGroupRules } from '../../../local/security-groups/security-group-rules.ts';

let sent: { operation: string; input: unknown }[];
let failure: Error | undefined;
let logged: string[];
let rules: LocalService;

beforeEach(() => {
  sent = [];
  failure = undefined;
  logged = [];
  const ec2 = {
    send: async (command: { constructor: { name: string }; input: unknown }) => {
      await sleep(1);
      sent.push({ operation: command.constructor.name, input: command.input });
      if (failure) throw failure;
      return {};
    },
  };
  rules = createSecurityGroupRules(ec2 as unknown as EC2Client, (line) => logged.push(line));
});

const ingress = { GroupId: 'sg-1', IpProtocol: 'tcp', FromPort: 8080, ToPort: '8080', SourceSecurityGroupId: 'sg-2', Description: 'front' };
const request = (properties: Record<string, unknown>) => ({ type: 't', logicalId: 'l', stackName: 's', properties });
const provider = (direction: string) => rules.resourceTypes[`AWS::EC2::SecurityGroup${direction}`] as ResourceProvider;
const untilSent = (count: number) => expect.poll(() => sent.length).toBe(count);
const told = {
  GroupId: 'sg-1',
  IpPermissions: [{ IpProtocol: 'tcp', FromPort: 8080, ToPort: 8080, UserIdGroupPairs: [{ GroupId: 'sg-2', Description: 'front' }] }],
};

describe('rules of security groups', () => {
  it('are added to the emulator’s group after the resource is made, since it answers nothing before', async () => {
    const made = await provider('Ingress').create(request(ingress));
    expect([made, sent]).toEqual([{ physicalId: expect.stringMatching(/^sgr-[0-9a-f]{17}$/), attributes: { Id: made.physicalId } }, []]);
    await untilSent(1);
    expect(sent).toEqual([{ operation: 'AuthorizeSecurityGroupIngressCommand', input: told }]);
  });

  it('change in order and keep their id', async () => {
    const changed = { ...ingress, FromPort: 80, ToPort: 80 };
    const update = { ...request(changed), physicalId: 'sgr-1', previous: ingress };
    expect(await provider('Ingress').update(update)).toEqual({ physicalId: 'sgr-1', attributes: { Id: 'sgr-1' } });
    await provider('Ingress').delete({ ...request(changed), physicalId: 'sgr-1' });
    await untilSent(3);
    expect(sent.map(({ operation }) => operation)).toEqual([
      'RevokeSecurityGroupIngressCommand',
      'AuthorizeSecurityGroupIngressCommand',
      'RevokeSecurityGroupIngressCommand',
    ]);
  });

  it('go out, too', async () => {
    const egress = { GroupId: 'sg-1', IpProtocol: '-1', CidrIp: '0.0.0.0/0' };
    await provider('Egress').create(request(egress));
    await untilSent(1);
    expect(sent).toEqual([
      {
        operation: 'AuthorizeSecurityGroupEgressCommand',
        input: { GroupId: 'sg-1', IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }] },
      },
    ]);
  });

  it('that cannot be told are logged, and the next ones are told', async () => {
    failure = new Error('no such group');
    await provider('Ingress').create(request(ingress));
    await untilSent(1);
    failure = undefined;
    await provider('Ingress').create(request(ingress));
    await untilSent(2);
    expect(logged).toEqual([expect.stringContaining('no such group')]);
  });

  it('may go after their group', async () => {
    failure = Object.assign(new Error('gone'), { name: 'InvalidGroup.NotFound' });
    await provider('Ingress').delete({ ...request(ingress), physicalId: 'sgr-1' });
    await untilSent(1);
    await sleep(5);
    expect(logged).toEqual([]);
  });

  it('refuse properties without a group', async () => {
    await expect(provider('Ingress').create(request({ IpProtocol: 'tcp' }))).rejects.toThrow('GroupId');
  });
});
