/** What CloudFormation does after it has created a group: it waits for the desired instances. */
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsError } from '../service/service.ts';
import type { EngineContext } from './engine-context.ts';
import type { Group } from './group-state.ts';

/**
 * Waits until as many instances as desired are in service. An instance that waits for a launch hook is not: users report that a hook
 * which nobody completes fails the creation.
 *
 * @see https://repost.aws/knowledge-center/cloudformation-stack-stuck-progress
 * @throws AwsError with CloudFormation's text after `stabilizeTimeoutMs`
 */
export async function awaitStable(context: EngineContext, group: Group): Promise<void> {
  const { now, registry, settings } = context;
  const deadlineMs = now() + settings.stabilizeTimeoutMs;
  const inService = () => [...group.members.values()].filter(({ state }) => state === 'InService').length;
  while (inService() < group.desired) {
    if (now() >= deadlineMs || context.isStopped() || group.deleting) {
      const failed = registry.activities().find(({ groupArn, status }) => groupArn === group.arn && status === 'Failed');
      const reason = failed?.statusMessage === undefined ? '' : ` Failed Scaling Activity: ${failed.statusMessage}.`;
      const size = `${inService()}/${group.minSize}/${group.maxSize}`;
      throw new AwsError('NotStabilized', `Group did not stabilize. {current/minSize/maxSize group size = ${size}}.${reason}`);
    }
    await sleep(settings.tickMs);
  }
}
