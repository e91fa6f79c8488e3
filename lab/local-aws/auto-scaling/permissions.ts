/** Which groups a call of Auto Scaling needs to be allowed on. */
import type { PermissionsOf } from '../service/service.ts';
import type { EngineContext } from './engine-context.ts';

/**
 * A group that does not exist has no id: `*` takes its place, as in a policy.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html
 */
export function permissionsOf({ registry, region, accountId }: Pick<EngineContext, 'registry' | 'region' | 'accountId'>): PermissionsOf {
  return (operation, input) => {
    if (operation.startsWith('Describe')) return [{ resource: '*' }];
    const { AutoScalingGroupName: name, InstanceId: instanceId } = input;
    if (typeof name === 'string') {
      const arn = registry.groups.get(name)?.arn;
      return [{ resource: arn ?? `arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:*:autoScalingGroupName/${name}` }];
    }
    const found = typeof instanceId === 'string' ? registry.find(instanceId) : undefined;
    return [{ resource: found?.group.arn ?? '*' }];
  };
}
