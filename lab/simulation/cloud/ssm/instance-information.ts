/** DescribeInstanceInformation: the agents as Systems Manager sees them. */
import { page } from '#local-aws/service/parse-input.ts';
import { AwsError } from '#local-aws/service/service.ts';
import { FIRST_AGENT_WITH_ENV_VAR } from '#local-aws/ssm/parameter-values.ts';
import type { Machine } from '../servers/machine.ts';

/** An agent counts as online for so long after its last ping. */
const PING_MS = 300_000;

interface DescribeInput {
  readonly Filters?: readonly { readonly Key?: string; readonly Values?: readonly string[] }[];
  readonly MaxResults?: number;
  readonly NextToken?: string;
}

/** A terminated instance is not listed, nor one whose agent has not registered. */
export function describeAgents(
  machines: readonly Machine[],
  nowMs: number,
  { Filters = [], MaxResults = 50, NextToken }: DescribeInput,
): object {
  const other = Filters.find(({ Key }) => Key !== 'InstanceIds');
  if (other) throw new Error(`the simulation does not have DescribeInstanceInformation by ${other.Key}`);
  if (MaxResults < 5 || MaxResults > 50) throw new AwsError('ValidationException', 'MaxResults has to be between 5 and 50.');
  const found = machines
    .filter(({ power, agentRegisteredAtMs }) => power !== 'terminated' && agentRegisteredAtMs !== undefined)
    .filter(({ instanceId }) => Filters.every(({ Values = [] }) => Values.includes(instanceId)));
  const { items, nextToken } = page(found, NextToken, MaxResults);
  return {
    InstanceInformationList: items.map((machine) => ({
      InstanceId: machine.instanceId,
      PingStatus: nowMs - (machine.agentLostAtMs ?? nowMs) < PING_MS ? 'Online' : 'ConnectionLost',
      AgentVersion: FIRST_AGENT_WITH_ENV_VAR,
      PlatformType: 'Linux',
      ResourceType: 'EC2Instance',
    })),
    ...nextToken,
  };
}
