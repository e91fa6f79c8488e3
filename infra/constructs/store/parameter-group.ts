import { aws_elasticache as elasticache, type Stack, aws_ssm as ssm } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { parameterGroupParameterName } from '../../../functions/shared/naming.ts';
import { DEFAULT_DATABASES } from '../../../functions/shared/store/databases.ts';
import type { CreatedStore } from '../../config/store.ts';

/** The parameter group of a created store, and the parameter with its name. */
export function createParameterGroup(scope: Construct, installation: string, store: CreatedStore): elasticache.CfnParameterGroup {
  const { engine, engineVersion, evictionPolicy, databases } = store;
  const count = Math.max(...databases) + 1;
  const group = new elasticache.CfnParameterGroup(scope, 'ParameterGroup', {
    // `valkey8`, `redis7`, `valkey7`.
    cacheParameterGroupFamily: `${engine}${engineVersion.split('.')[0]}`,
    description: `Session store of ${installation}: evicts only keys that expire`,
    properties: {
      'maxmemory-policy': evictionPolicy,
      'notify-keyspace-events': 'gxE',
      ...(count > DEFAULT_DATABASES && { databases: String(count) }),
    },
  });
  new ssm.StringParameter(scope, 'ParameterGroupName', {
    parameterName: parameterGroupParameterName(installation),
    description: 'Name of the parameter group of the session store',
    stringValue: group.ref,
  });
  return group;
}

/**
 * An engine's next major version needs a group of another family, and CloudFormation replaces a group only while no other stack imports
 * its name. CloudFormation also generates that name. It is therefore in a parameter, which each deployment of `client` reads again.
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/484
 */
export function parameterGroupNameFor(client: Stack, storeStack: Stack, installation: string): string {
  client.addStackDependency(storeStack);
  return ssm.StringParameter.valueForStringParameter(client, parameterGroupParameterName(installation));
}
