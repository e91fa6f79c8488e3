/** Tells why Auto Scaling takes an instance out of service, when it decides to. */
import type { GroupRegistry } from '#local-aws/auto-scaling/group-registry.ts';

/** The causes that the engine gives an activity, and a watcher's words for them. */
const REASONS: readonly (readonly [cause: string, reason: string])[] = [
  ['in response to a user request', 'operator'],
  ['in response to a difference between desired and actual capacity', 'excess'],
  ['in response to a failed health check', 'unhealthy'],
  ['because its launch was abandoned', 'abandoned'],
];
const TERMINATING = 'Terminating EC2 instance: ';

/**
 * The same registry, which tells each termination that begins.
 * @param fail ends the run: of a cause that is not known here
 */
export function tellTerminations(
  registry: GroupRegistry,
  tell: (instanceId: string, reason: string) => void,
  fail: (error: Error) => void,
): GroupRegistry {
  return {
    ...registry,
    begin(group, activity) {
      if (activity.description.startsWith(TERMINATING)) {
        const reason = REASONS.find(([cause]) => activity.cause.includes(cause))?.[1];
        if (reason === undefined) fail(new Error(`Auto Scaling terminates an instance for an unknown reason: ${activity.cause}`));
        else tell(activity.description.slice(TERMINATING.length), reason);
      }
      return registry.begin(group, activity);
    },
  };
}
