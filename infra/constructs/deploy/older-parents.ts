import { aws_iam as iam, Stack, type aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { rollTargetStateMachineName } from '../../../functions/shared/naming.ts';
import { acknowledge, EXECUTION_NAMES, wildcard } from '../acknowledge.ts';

export interface OlderParentsProps {
  readonly installation: string;
  readonly fleet: string;
  readonly deploy: sfn.StateMachine;
  readonly cleanUp: sfn.StateMachine;
}

/** Step Functions' own rule, by which a parent of `.sync` sees its child end. */
const SYNC_RULE = 'StepFunctionsGetEventsForStepFunctionsExecutionRule';

/**
 * What a deploy or a clean-up still needs that an installation of before several servers at once has begun: it rolls its targets by
 * `startExecution.sync:2`, and keeps its definition to its end, while a `cdk deploy` in the middle of it replaces the policy of its role.
 * Without this its next target could not be watched, and one that is aborted would leave its child running.
 *
 * Remove it, with its test and its line in docs/security.md, in 0.2.0: no deploy lasts longer than two days, and one that was begun by a
 * version without `maxParallel` has ended before then.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/stepfunctions-iam.html
 */
export function allowOlderParents(scope: Construct, { installation, fleet, deploy, cleanUp }: OlderParentsProps): void {
  const stack = Stack.of(scope);
  const executions = `execution:${rollTargetStateMachineName(installation, fleet)}:*`;
  for (const parent of [deploy, cleanUp]) {
    parent.addToRolePolicy(
      new iam.PolicyStatement({
        sid: 'OlderParentsWatchTheirTargets',
        actions: ['states:DescribeExecution', 'states:StopExecution'],
        resources: [stack.formatArn({ service: 'states', resource: executions })],
      }),
    );
  }
  // The deploy's role has it for its clean-up.
  cleanUp.addToRolePolicy(
    new iam.PolicyStatement({
      sid: 'OlderParentsSeeTargetsEnd',
      actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
      resources: [stack.formatArn({ service: 'events', resource: `rule/${SYNC_RULE}` })],
    }),
  );
  acknowledge(scope, { [wildcard(stack, 'states', executions)]: EXECUTION_NAMES });
}
