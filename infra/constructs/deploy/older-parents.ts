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
 * Permissions for deploys and clean-ups that were started before `cdk deploy` brought `maxParallel`. Such an execution keeps its old
 * definition to its end, which starts its targets' rolls by `startExecution.sync:2`, while the role's policy is already the new one.
 * Without these permissions it could not watch its next target, and an abort would leave the child running.
 *
 * Remove this, with its test and its line in docs/security.md, in 0.2.0: no deploy lasts longer than two days, so those begun by a version
 * without `maxParallel` have ended by then.
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
