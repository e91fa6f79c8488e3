import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { HookStep } from '../../../functions/deploy/contract/roll.ts';
import { awaitOne, CHILD_HAS_ENDED, startChild } from '../child-executions.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { inOrder, REPEATING, StepFactory, type Stretch, unless, verdictIs, waitThen } from '../steps.ts';
import type { DeployFunctions } from './deploy-functions.ts';
import { releasePinned, sessionDrain } from './session-drain.ts';

export interface RollBackProps {
  readonly steps: StepFactory;
  readonly failed: sfn.Fail;
  readonly functions: Pick<DeployFunctions, 'traffic' | 'cleanUp' | 'sessions'>;
  /** Rolls one target; here, back. */
  readonly rollTarget: sfn.IStateMachine;
  /** Between two checks of targets that are not healthy yet. */
  readonly pollSeconds: number;
}

/**
 * Rolls targets back, as many at once as were rolled, or registers them as they are, until none is left; waits while too few others are
 * healthy.
 */
export function rollTargetsBack(scope: Construct, { steps, failed, functions, pollSeconds, rollTarget }: RollBackProps): Stretch {
  const { cleanUp, traffic, sessions } = functions;
  const held = { deploy: sfn.JsonPath.objectAt('$.task.deploy'), lease: sfn.JsonPath.objectAt('$.task.lease') };
  const error = sfn.JsonPath.objectAt('$.task.error');
  const next = { roll: sfn.JsonPath.objectAt('$.next.roll') };
  const waitingSinceMs = sfn.JsonPath.numberAt('$.next.waitingSinceMs');
  const nextTarget = steps.call('Next target', cleanUp, 'nextTarget', { ...held, waitingSinceMs }, '$.next');
  const rollBack = startChild(scope, 'Roll target back', {
    stateMachine: rollTarget,
    name: sfn.JsonPath.stringAt('$.next.executionName'),
    input: { ...held, step: { verdict: 'DONE', ...next } },
  });
  const putBack = steps.call('Put back', traffic, 'putBack', { ...held, ...next, error }, '$.putBack');
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

export interface RollTargetProps {
  readonly functions: Pick<DeployFunctions, 'traffic' | 'command' | 'storeCheck' | 'sessions' | 'sessionGate'>;
  /** Between two checks of a session store that is failing over, or of the drain rule. */
  readonly pollSeconds: number;
  /** Drains may cut what is older than they are: before the target leaves, its server looks at what it has. */
  readonly cuts: boolean;
  /** Releases are CodeDeploy bundles, with scripts before and after the target's changes of traffic. */
  readonly bundles: boolean;
}

const deploy = sfn.JsonPath.objectAt('$.deploy');
const roll = sfn.JsonPath.objectAt('$.step.roll');
const store = sfn.JsonPath.objectAt('$.store');
/** The data of every step on the target. */
const rolled = { deploy, lease: sfn.JsonPath.objectAt('$.lease'), roll };
const STEP = '$.step';
const VERDICT = '$.step.verdict';

/** One target: read it from here, top to bottom. Every failure ends in putting the target back. */
export function rollTarget(scope: Construct, { functions, pollSeconds, cuts, bundles }: RollTargetProps): sfn.IChainable {
  const { traffic, command, sessions, sessionGate } = functions;
  const failed = new sfn.Fail(scope, 'Target failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
  // Its own failure must not hide why the target failed.
  const puttingBack = new StepFactory(scope, { ...REPEATING, onError: failed, errorPath: '$.putBackError' });
  const putBack = puttingBack.call('Put back', traffic, 'putBack', { ...rolled, error: sfn.JsonPath.objectAt('$.error') }, '$.putBack');
  // An address can be registered again only after its deregistration delay.
  const isBack = puttingBack.untilDone('Put back', { check: putBack, verdictPath: '$.putBack.verdict' });
  if (sessions) {
    const lease = sfn.JsonPath.objectAt('$.lease');
    const release = releasePinned(scope, { steps: puttingBack, sessions, pollSeconds, held: { deploy, lease } });
    isBack.goOn(release.start);
    release.goOn(failed);
  } else isBack.goOn(failed);
  const steps = new StepFactory(scope, { ...REPEATING, onError: putBack });
  const step = (id: string, fn: HoldfastFunction, name: string) => steps.call(id, fn, name, rolled, STEP);
  const onServer = (id: string, send: string, check: string) =>
    steps.untilDone(id, { start: step(id, command, send), check: step(`${id}: check`, command, check), verdictPath: VERDICT });

  const { isPresent, not } = sfn.Condition;
  const prepare = steps.untilDone('Prepare', { check: step('Prepare', command, 'prepare'), verdictPath: VERDICT });
  // Before a user meets the release. The readiness check has begun it.
  const cookie = steps.untilDone('Session cookie', { check: step('Session cookie', command, 'readCookie'), verdictPath: VERDICT });

  const done = new sfn.Succeed(scope, 'Target done');
  const hook = (event: HookStep) => (bundles ? [steps.untilDone(event, { check: step(event, command, event), verdictPath: VERDICT })] : []);

  return inOrder(
    unless(scope, 'Is it prepared?', isPresent('$.step.roll.isPrepared'), prepare),
    ...(bundles ? [adopted(scope, done)] : []),
    ...(sessions ? sessionDrain(scope, { steps, command, sessions, rolled, resultPath: STEP, pollSeconds }) : []),
    ...(cuts ? [onServer('Look at requests', 'sendLook', 'checkLook')] : []),
    ...hook('BeforeBlockTraffic'),
    step('Deregister', traffic, 'deregister'),
    onServer('Drain', 'sendWaitIdle', 'checkWaitIdle'),
    onServer('Install', 'sendInstall', 'checkInstall'),
    onServer('Readiness', 'sendReadiness', 'checkReadiness'),
    unless(scope, 'Is a cookie read?', not(isPresent('$.step.roll.cookie')), cookie),
    ...(sessionGate
      ? [
          unless(
            scope,
            'Is there a session gate?',
            not(isPresent('$.step.roll.sessionGate')),
            steps.untilDone('Session gate', { check: step('Session gate', sessionGate, 'sessionGate'), verdictPath: VERDICT }),
          ),
        ]
      : []),
    ...hook('BeforeAllowTraffic'),
    step('Register', traffic, 'register'),
    steps.untilDone('Wait healthy', { check: step('Wait healthy', traffic, 'checkHealthy'), verdictPath: VERDICT }),
    ...hook('AfterAllowTraffic'),
    bake(scope, steps, functions, putBack, pollSeconds),
    done,
  );
}

/** A server that is to take what it runs for the release has done so by its preparation. */
function adopted(scope: Construct, done: sfn.State): Stretch {
  const choice = new sfn.Choice(scope, 'Is it adopted?').when(sfn.Condition.isPresent('$.deploy.adopt'), done);
  return { start: choice, goOn: (next) => void choice.otherwise(next) };
}

/**
 * The bake, with three ways out. It passes, and the procedure goes on. It fails while the session store fails over, and starts
 * again: a release that answers errors because of the store is not at fault. It fails in any other way, and the target is put
 * back. A rollback has no `$.store`, for errors do not fail the bake of the previous release.
 */
function bake(
  scope: Construct,
  steps: StepFactory,
  { command, storeCheck }: RollTargetProps['functions'],
  putBack: sfn.State,
  pollSeconds: number,
): Stretch {
  const failed = new sfn.Choice(scope, 'Was it the store?');
  const baking = steps.catching(failed);
  const send = baking.call('Bake', command, 'sendBake', rolled, STEP);
  const check = baking.call('Bake: check', command, 'checkBake', rolled, STEP);
  const passed = baking.untilDone('Bake', { start: send, check, verdictPath: VERDICT });

  // Its own failure must not hide why the target failed.
  const comparing = steps.catching(putBack, '$.storeError');
  const compare = comparing.call('Compare store', storeCheck, 'compareStore', { deploy, roll, store }, '$.store');
  const named = ['BakeFailed', 'UsersTurnedAway', 'PagesBroken'].map((name) => sfn.Condition.stringEquals('$.error.Error', name));
  const isBake = sfn.Condition.and(sfn.Condition.or(...named), sfn.Condition.isPresent('$.store'));
  failed.when(isBake, compare).otherwise(putBack);

  const again = steps.call('Bake again', command, 'bakeAgain', rolled, STEP);
  again.next(send);
  compare.next(
    new sfn.Choice(scope, 'Bake again?')
      .when(verdictIs('$.store.verdict', 'REPEAT'), again)
      .when(verdictIs('$.store.verdict', 'WAIT'), waitThen(scope, 'Wait for store', pollSeconds, compare))
      .otherwise(putBack),
  );
  return passed;
}
