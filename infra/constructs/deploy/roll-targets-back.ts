import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { awaitOne, CHILD_HAS_ENDED, startChild } from '../child-executions.ts';
import { type StepFactory, type Stretch, verdictIs, waitThen } from '../steps.ts';
import type { DeployFunctions } from './deploy-functions.ts';
import { releasePinned } from './session-drain.ts';

export interface RollBackProps {
  readonly steps: StepFactory;
  readonly failed: sfn.Fail;
  readonly functions: Pick<DeployFunctions, 'traffic' | 'cleanUp' | 'sessions'>;
  /** Rolls one target; here, back. */
  readonly rollTarget: sfn.IStateMachine;
  /** Between two checks of targets that are not healthy yet. */
  readonly pollSeconds: number;
}

const deploy = sfn.JsonPath.objectAt('$.task.deploy');
const lease = sfn.JsonPath.objectAt('$.task.lease');
const error = sfn.JsonPath.objectAt('$.task.error');
const roll = sfn.JsonPath.objectAt('$.next.roll');
const waitingSinceMs = sfn.JsonPath.numberAt('$.next.waitingSinceMs');
const held = { deploy, lease };

/**
 * Rolls targets back, as many at once as were rolled, or registers them as they are, until none is left; waits while too few others are
 * healthy.
 */
export function rollTargetsBack(scope: Construct, { steps, failed, functions, pollSeconds, rollTarget }: RollBackProps): Stretch {
  const { cleanUp, traffic, sessions } = functions;
  const nextTarget = steps.call('Next target', cleanUp, 'nextTarget', { ...held, waitingSinceMs }, '$.next');
  const rollBack = startChild(scope, 'Roll target back', {
    stateMachine: rollTarget,
    name: sfn.JsonPath.stringAt('$.next.executionName'),
    input: { ...held, step: { verdict: 'DONE', roll } },
  });
  const putBack = steps.call('Put back', traffic, 'putBack', { ...held, roll, error }, '$.putBack');
  // A pinned server goes back into service before another one is pinned.
  const release = sessions && releasePinned(scope, { steps, sessions, pollSeconds, held });
  release?.goOn(nextTarget);
  const start = release?.start ?? nextTarget;
  const atWork = sfn.JsonPath.listAt('$.next.atWork');
  const awaiting = steps.call('Await targets', cleanUp, 'awaitTargets', { ...held, atWork }, '$.next');
  const room = new sfn.Choice(scope, 'Room for another?')
    .when(sfn.Condition.booleanEquals('$.next.room', true), nextTarget)
    .otherwise(awaiting);
  rollBack.addCatch(room, { errors: CHILD_HAS_ENDED, resultPath: '$.startedBefore' });
  // A rollback that Step Functions refused to start has not failed: the next clean-up starts it.
  rollBack.addCatch(failed, { errors: ['States.ALL'], resultPath: '$.error' });
  rollBack.next(room);
  steps.untilDone('Put back', { check: putBack, verdictPath: '$.putBack.verdict' }).goOn(start);
  awaitOne(scope, { awaiting, another: start });
  const which = new sfn.Choice(scope, 'Which target?')
    .when(verdictIs('$.next.verdict', 'ROLL'), rollBack)
    .when(verdictIs('$.next.verdict', 'AWAIT'), awaiting)
    .when(verdictIs('$.next.verdict', 'REGISTER'), putBack)
    .when(verdictIs('$.next.verdict', 'WAIT'), waitThen(scope, 'Wait for healthy targets', pollSeconds, nextTarget));
  nextTarget.next(which);
  return { start, goOn: (next) => void which.otherwise(next) };
}
