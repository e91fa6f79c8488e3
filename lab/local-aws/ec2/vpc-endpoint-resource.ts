/** AWS::EC2::VPCEndpoint: an endpoint where the emulator keeps them, so that DescribeVpcEndpoints shows it. It routes nothing. */
import {
  CreateVpcEndpointCommand,
  type CreateVpcEndpointCommandInput,
  DeleteVpcEndpointsCommand,
  type EC2Client,
  ModifyVpcEndpointCommand,
} from '@aws-sdk/client-ec2';
import { z } from 'zod';
import { parseOr } from '../service/parse-input.ts';
import { AwsError, type ResourceProvider } from '../service/service.ts';

/** Endpoints of the emulator's EC2. */
export interface VpcEndpoints {
  /** @returns its id @throws an error of EC2's */
  create(endpoint: CreateVpcEndpointCommandInput): Promise<string>;
  moveTo(id: string, tables: { readonly added: readonly string[]; readonly removed: readonly string[] }): Promise<void>;
  remove(id: string): Promise<void>;
}

export function vpcEndpointsOf(ec2: EC2Client): VpcEndpoints {
  return {
    create: async (endpoint) => {
      try {
        const { VpcEndpoint } = await ec2.send(new CreateVpcEndpointCommand(endpoint));
        return VpcEndpoint?.VpcEndpointId as string;
      } catch (error) {
        // CloudFormation reports the emulator's refusal as EC2's own.
        const { name, message } = error as Error;
        throw new AwsError(name, message);
      }
    },
    moveTo: async (VpcEndpointId, { added, removed }) => {
      await ec2.send(new ModifyVpcEndpointCommand({ VpcEndpointId, AddRouteTableIds: [...added], RemoveRouteTableIds: [...removed] }));
    },
    remove: async (id) => {
      await ec2.send(new DeleteVpcEndpointsCommand({ VpcEndpointIds: [id] }));
    },
  };
}

const ids = z.array(z.string()).default([]);
const endpointProperties = z.object({
  VpcId: z.string(),
  ServiceName: z.string(),
  VpcEndpointType: z.enum(['Gateway', 'Interface', 'GatewayLoadBalancer']).default('Gateway'),
  RouteTableIds: ids,
  SubnetIds: ids,
  SecurityGroupIds: ids,
  PrivateDnsEnabled: z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]).optional(),
});

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html */
export function vpcEndpointProvider(endpoints: VpcEndpoints): ResourceProvider {
  const create: ResourceProvider['create'] = async ({ properties }) => {
    const physicalId = await endpoints.create(parse(properties));
    return { physicalId, attributes: { Id: physicalId } };
  };
  return {
    create,
    async update(request) {
      const { physicalId, properties, previous } = request;
      const [now, before] = [parse(properties), parse(previous)];
      const same = (['VpcId', 'ServiceName', 'VpcEndpointType', 'PrivateDnsEnabled'] as const).every((key) => now[key] === before[key]);
      if (!same) return create(request);
      const added = now.RouteTableIds.filter((id) => !before.RouteTableIds.includes(id));
      const removed = before.RouteTableIds.filter((id) => !now.RouteTableIds.includes(id));
      if (added.length + removed.length > 0) await endpoints.moveTo(physicalId, { added, removed });
      return { physicalId, attributes: { Id: physicalId } };
    },
    delete: ({ physicalId }) => endpoints.remove(physicalId),
  };
}

const parse = (properties: unknown) => parseOr('InvalidParameterValue', endpointProperties, properties);
