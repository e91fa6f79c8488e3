import { aws_elasticache as elasticache, aws_ssm as ssm } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { parameterGroupParameterName } from '../../../functions/shared/naming.ts';
import { DEFAULT_DATABASES } from '../../../functions/shared/store/store-settings.ts';
import type { CreatedStore } from '../../config/store.ts';

/** The parameter group of a created store, and the parameter with its name: CloudFormation generates that. */
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
