import { leftOutOf } from '../../records/left-out.ts';
import type { TargetProgress } from '../../records/types.ts';

/** The end of a deploy that succeeded without some newcomers, for the operator; undefined when it rolled every server. */
export function describeLeftOut(targets: Readonly<Record<string, TargetProgress>>): string | undefined {
  const leftOut = leftOutOf(targets);
  if (leftOut.length === 0) return undefined;
  const servers = leftOut.map(({ instanceId, reason }) => `${instanceId} (${reason})`).join('; ');
  const failed = leftOut.filter(({ instanceId }) => targets[instanceId]?.phase === 'failed').map(({ instanceId }) => instanceId);
  const advice = failed.map(
    (instanceId) =>
      ` Replace it: aws autoscaling terminate-instance-in-auto-scaling-group --instance-id ${instanceId} --no-should-decrement-desired-capacity`,
  );
  return `Finished without servers that Auto Scaling launched during the deploy: ${servers}.${advice.join('.')}`;
}
