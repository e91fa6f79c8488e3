/** Adapters: deletion protection of load balancers and tables. */
import {
  DescribeLoadBalancersCommand,
  type ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { isAwsError } from '../shared/aws/classify-aws-error.ts';
import type { JsonService } from '../shared/aws/signed/json-service.ts';
import type { Protectable } from './protect.ts';

/** @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html */
export function protectableLoadBalancers(client: ElasticLoadBalancingV2Client): Protectable {
  return {
    async setProtection(name, enabled) {
      const LoadBalancerArn = await arnOf(client, name);
      if (LoadBalancerArn === undefined) return false;
      const Attributes = [{ Key: 'deletion_protection.enabled', Value: String(enabled) }];
      await client.send(new ModifyLoadBalancerAttributesCommand({ LoadBalancerArn, Attributes }));
      return true;
    },
  };
}

async function arnOf(client: ElasticLoadBalancingV2Client, name: string): Promise<string | undefined> {
  try {
    const { LoadBalancers = [] } = await client.send(new DescribeLoadBalancersCommand({ Names: [name] }));
    return LoadBalancers[0]?.LoadBalancerArn;
  } catch (error) {
    if (isAwsError(error, 'LoadBalancerNotFoundException')) return undefined;
    throw error;
  }
}

/** @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html */
export function protectableTables(dynamo: JsonService): Protectable {
  return {
    async setProtection(name, enabled) {
      try {
        const { Table } = await dynamo<{ Table?: { DeletionProtectionEnabled?: boolean } }>('DescribeTable', { TableName: name });
        // An update that changes nothing is an error for some of a table's settings.
        if ((Table?.DeletionProtectionEnabled ?? false) === enabled) return true;
        await dynamo('UpdateTable', { TableName: name, DeletionProtectionEnabled: enabled });
        return true;
      } catch (error) {
        if (isAwsError(error, 'ResourceNotFoundException')) return false;
        throw error;
      }
    },
  };
}
