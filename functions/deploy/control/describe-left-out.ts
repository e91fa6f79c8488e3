import { leftOutOf } from '../../records/left-out.ts';
import type { DeployRecord } from '../../records/types.ts';
import { placeOf } from '../../shared/command-options.ts';

/** The end of a deploy that succeeded without some newcomers, for the operator; undefined when it rolled every server. */
export function describeLeftOut({
  executionArn,
  fleet,
  targets,
}: Pick<DeployRecord, 'executionArn' | 'fleet' | 'targets'>): string | undefined {
  const leftOut = leftOutOf(targets);
  if (leftOut.length === 0) return undefined;
  const servers = leftOut.map(({ instanceId, reason }) => `${instanceId} (${reason})`).join('; ');
  const failed = leftOut.filter(({ instanceId }) => targets[instanceId]?.phase === 'failed').map(({ instanceId }) => instanceId);
  const { region } = placeOf(executionArn, fleet);
  const advice = failed.map(
    (instanceId) =>
      ` Replace it: aws autoscaling terminate-instance-in-auto-scaling-group --region ${region} --instance-id ${instanceId} --no-should-decrement-desired-capacity`,
  );
  return `Finished without servers that Auto Scaling launched during the deploy: ${servers}.${advice.join('.')}`;
}
