/** The custom resource that turns deletion protection on, after every stack of an installation has been created. */
import {
  DescribeLoadBalancersCommand,
  type ElasticLoadBalancingV2Client,
  ModifyLoadBalancerAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { type CustomResourceRequest, onceAllowed } from '../shared/aws/answer-cloud-formation.ts';
import { isAwsError } from '../shared/aws/classify-aws-error.ts';
import type { JsonService } from '../shared/aws/signed/json-service.ts';
import { describeError } from '../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import type { Pause } from '../shared/poll.ts';

/** What the template passes; CloudFormation turns every value into text. */
export interface ProtectionProperties {
  readonly TableName: string;
  /** Load balancers that the installation created. */
  readonly LoadBalancerNames: readonly string[];
}

export type ProtectionRequest = CustomResourceRequest<ProtectionProperties>;

/** Deletion protection of one kind of resource. `setProtection`: returns false when there is no such resource. */
export type Protectable = { setProtection(name: string, enabled: boolean): Promise<boolean> };

export interface ProtectionPorts {
  readonly loadBalancers: Protectable;
  readonly tables: Protectable;
  /** Sends CloudFormation the outcome. */
  readonly answer: (url: string, body: object) => Promise<void>;
  readonly log: Log;
  readonly pause: Pause;
}

/** A resource of the installation does not exist. */
class NothingToProtect extends Error {
  override readonly name = 'NothingToProtect';
}

/** When it is deleted, the load balancers lose it, and the kept table does not. Always responds: without a response the stack waits. */
export async function protect(ports: ProtectionPorts, request: ProtectionRequest): Promise<void> {
  const { RequestType, ResponseURL, StackId, RequestId, LogicalResourceId, ResourceProperties } = request;
  const about = { StackId, RequestId, LogicalResourceId, PhysicalResourceId: request.PhysicalResourceId ?? ResourceProperties.TableName };
  let outcome: object = { Status: 'SUCCESS' };
  try {
    const turn = RequestType === 'Delete' ? turnOff : turnOn;
    // Turning on or off what is on or off already changes nothing.
    await onceAllowed(() => turn(ports, ResourceProperties), ports.pause);
  } catch (error) {
    const verb = RequestType === 'Delete' ? 'off' : 'on';
    const next = RequestType === 'Delete' ? 'delete the stack again' : 'deploy again';
    outcome = { Status: 'FAILED', Reason: `deletion protection was not turned ${verb} everywhere: ${next}. ${describeError(error)}` };
    ports.log.warn(LOG_EVENTS.protectionNotChanged, { error: describeError(error) });
  }
  await ports.answer(ResponseURL, { ...outcome, ...about });
}

async function turnOn({ loadBalancers, tables }: ProtectionPorts, { TableName, LoadBalancerNames }: ProtectionProperties): Promise<void> {
  if (!(await tables.setProtection(TableName, true))) throw new NothingToProtect(`there is no table ${TableName}`);
  for (const name of LoadBalancerNames) {
    if (!(await loadBalancers.setProtection(name, true))) throw new NothingToProtect(`there is no load balancer ${name}`);
  }
}

async function turnOff({ loadBalancers }: ProtectionPorts, { LoadBalancerNames }: ProtectionProperties): Promise<void> {
  for (const name of LoadBalancerNames) await loadBalancers.setProtection(name, false);
}

/** Adapters: deletion protection of load balancers and tables. */

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
