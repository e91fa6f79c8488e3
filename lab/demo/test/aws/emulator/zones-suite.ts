import { CreateStackCommand, DescribeStackEventsCommand } from '@aws-sdk/client-cloudformation';
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { World } from '#local-aws/test/emulator/world.ts';
import { known } from '../../../../../cli/doctor/lookup.ts';
import { readZones } from '../../../../../cli/installation/read-zones.ts';
import { until } from '../../../../../test/until.ts';

/** Zones whose letters are not a, b and c: what doctor and init read of them, and what EC2 refuses. */
export function describeZones(world: () => World): void {
  describe('the zones of a Region', () => {
    let tokyo: EC2Client;
    beforeAll(() => {
      tokyo = new EC2Client({ ...world().config, region: 'ap-northeast-1' });
    });
    afterAll(() => tokyo.destroy());

    it('are those that a new account has, by the client that doctor and init use', async () => {
      expect(known(await readZones(tokyo, 'ap-northeast-1'))).toEqual(['a', 'c', 'd']);
      const here = new EC2Client(world().config);
      expect(known(await readZones(here, 'us-east-1'))).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
      here.destroy();
    });

    it('hold a subnet, and no other zone does', async () => {
      const { Vpc } = await tokyo.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
      const create = (zone: string, CidrBlock: string) =>
        tokyo.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock, AvailabilityZone: `ap-northeast-1${zone}` }));
      expect((await create('d', '10.0.0.0/22')).Subnet).toMatchObject({ AvailabilityZone: 'ap-northeast-1d' });
      await expect(create('b', '10.0.4.0/22')).rejects.toMatchObject({
        name: 'InvalidParameterValue',
        message: expect.stringContaining('Subnets can currently only be created in the following availability zones: ap-northeast-1a, ap-'),
      });
    });

    it('are asked for by CloudFormation too', async () => {
      const Subnet = { Type: 'AWS::EC2::Subnet', Properties: { VpcId: 'vpc-1', CidrBlock: '10.0.0.0/22', AvailabilityZone: 'us-east-1g' } };
      const StackName = 'no-such-zone';
      await world().cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources: { Subnet } }) }));
      const failure = await until(async () => {
        const { StackEvents = [] } = await world().cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
        return StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')?.ResourceStatusReason;
      });
      expect(failure).toContain('Value (us-east-1g) for parameter availabilityZone is invalid');
    });
  });
}
