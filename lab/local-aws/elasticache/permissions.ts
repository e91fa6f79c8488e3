/** Which resources a call of ElastiCache needs to be allowed on. */
import type { PermissionsOf } from '../service/service.ts';

const NAMING = { ReplicationGroupId: 'replicationgroup', CacheParameterGroupName: 'parametergroup' } as const;

/**
 * Groups and parameter groups that a call names; other calls are allowed on anything.
 * @param arnOf `arn:aws:elasticache:REGION:ACCOUNT:TYPE:NAME`
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticache.html
 */
export const permissionsOf =
  (arnOf: (kind: 'replicationgroup' | 'parametergroup', name: string) => string): PermissionsOf =>
  (operation, input) => {
    const named = operation.startsWith('Create')
      ? []
      : Object.entries(NAMING).flatMap(([field, kind]) =>
          typeof input[field] === 'string' ? [arnOf(kind, input[field].toLowerCase())] : [],
        );
    return named.length > 0 ? named.map((resource) => ({ resource })) : [{ resource: '*' }];
  };
