/** DescribeInstanceInformation: the machines as Systems Manager sees them. */
import { z } from 'zod';
import type { AgentRegistration, InstanceDirectory, ManagedInstance, Now } from '../interfaces.ts';
import { page } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import { parseInput, timestamp } from './input.ts';

const input = z.object({
  Filters: z.array(z.object({ Key: z.string(), Values: z.array(z.string()).min(1) })).default([]),
  InstanceInformationFilterList: z.array(z.object({ key: z.string(), valueSet: z.array(z.string()).min(1) })).default([]),
  MaxResults: z.number().int().min(5).max(50).default(50),
  NextToken: z.string().optional(),
});

function value(instance: ManagedInstance, key: string): string | undefined {
  if (key === 'InstanceIds') return instance.instanceId;
  if (key === 'PingStatus') return pingStatus(instance);
  if (key === 'AgentVersion') return instance.agentVersion;
  if (key === 'PlatformTypes') return 'Linux';
  if (key === 'ResourceType') return resourceType(instance);
  if (key === 'ActivationIds') return instance.registration?.activationId;
  if (key === 'IamRole') return instance.registration?.iamRole;
  if (key.startsWith('tag:')) return instance.tags[key.slice(4)];
  throw new AwsError('InvalidInstanceInformationFilterValue', `The filter key ${key} is not valid.`);
}

const resourceType = ({ registration }: ManagedInstance): string => (registration ? 'ManagedInstance' : 'EC2Instance');
const pingStatus = (instance: ManagedInstance): string => (instance.online ? 'Online' : 'ConnectionLost');

export function instanceInformation(instances: InstanceDirectory, now: Now): Operation {
  /** When each agent was last seen online; an agent that never was is not registered yet. */
  const lastPing = new Map<string, number>();
  return (given) => {
    const { Filters, InstanceInformationFilterList, MaxResults, NextToken } = parseInput(input, given);
    const filters = [...Filters, ...InstanceInformationFilterList.map(({ key, valueSet }) => ({ Key: key, Values: valueSet }))];
    for (const instance of instances.list()) if (instance.online) lastPing.set(instance.instanceId, now());
    const found = instances
      .list()
      .filter(({ instanceId }) => lastPing.has(instanceId))
      .filter((instance) => filters.every(({ Key, Values }) => Values.includes(value(instance, Key) ?? '\0')));
    const { items, nextToken } = page(found, NextToken, MaxResults);
    return {
      InstanceInformationList: items.map((instance) => ({
        InstanceId: instance.instanceId,
        PingStatus: pingStatus(instance),
        LastPingDateTime: timestamp(lastPing.get(instance.instanceId) ?? now()),
        AgentVersion: instance.agentVersion,
        IsLatestVersion: false,
        PlatformType: 'Linux',
        PlatformName: 'Amazon Linux',
        PlatformVersion: '2023',
        ResourceType: resourceType(instance),
        IPAddress: instance.ipAddress,
        ComputerName: instance.instanceId,
        ...(instance.registration && describeRegistration(instance.registration)),
      })),
      ...nextToken,
    };
  };
}

/** What only a machine on premises has. */
const describeRegistration = ({ activationId, iamRole, name, registeredAtMs }: AgentRegistration): object => ({
  ActivationId: activationId,
  IamRole: iamRole,
  RegistrationDate: timestamp(registeredAtMs),
  ...(name !== '' && { Name: name }),
});
