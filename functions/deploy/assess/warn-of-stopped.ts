/** One sentence for each server of an Auto Scaling group that was stopped or terminated while the group's health checks do not notice it. */
export const warnOfStopped = (instanceIds: readonly string[]): readonly string[] =>
  instanceIds.map(
    (instanceId) =>
      `${instanceId} does not run any more, and the deploy goes on without it. Auto Scaling, which is suspended meanwhile, replaces it once the deploy has ended.`,
  );
