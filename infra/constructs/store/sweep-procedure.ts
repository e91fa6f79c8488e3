import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { SHARDS_AT_ONCE } from '../../../functions/sweep/contract/environment.ts';
import { RETRYABLE_SWEEP_ERRORS, SWEEP_ERRORS } from '../../../functions/sweep/errors.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { inOrder, StepFactory, type Stretch, verdictIs, waitThen } from '../steps.ts';

/** Pause before the next attempt to reach a store that did not respond. */
const STORE_POLL_SECONDS = 5;
/** Below the lease of a shard, which each check renews. */
const SLOTS_POLL_SECONDS = 30;

const sweep = sfn.JsonPath.objectAt('$.begun.sweep');
const shards = sfn.JsonPath.objectAt('$.begun.shards');
const waits = sfn.JsonPath.numberAt('$.begun.waits');

const REPEATING = { transientErrors: RETRYABLE_SWEEP_ERRORS, verdicts: SWEEP_ERRORS };

/**
 * A sweep: read it from here, top to bottom.
 * @param databases how many databases of a primary are swept
 */
export function sweepProcedure(scope: Construct, sweeper: HoldfastFunction, databases: number): sfn.IChainable {
  const failed = new sfn.Fail(scope, 'Sweep failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
  const refusing = new StepFactory(scope, { ...REPEATING, onError: failed });
  const failing = new StepFactory(scope, { ...REPEATING, onError: failed, errorPath: '$.failError' });
  const fail = failing.call('Record failure', sweeper, 'fail', { sweep, shards, error: sfn.JsonPath.objectAt('$.error') });
  fail.next(failed);
  const steps = new StepFactory(scope, { ...REPEATING, onError: fail });
  const begin = {
    input: sfn.JsonPath.objectAt('$.input'),
    executionArn: sfn.JsonPath.stringAt('$$.Execution.Id'),
    startTime: sfn.JsonPath.stringAt('$$.Execution.StartTime'),
  };

  const everyShard = new sfn.Map(scope, 'Every shard', {
    itemsPath: '$.begun.shards',
    itemSelector: { sweep, shards, shard: sfn.JsonPath.stringAt('$$.Map.Item.Value') },
    resultPath: sfn.JsonPath.DISCARD,
    // Databases of one primary share its time; the shards of a cluster, which has one database, do not.
    maxConcurrency: databases > 1 ? 1 : SHARDS_AT_ONCE,
  });
  everyShard.itemProcessor(oneShard(scope, sweeper));
  everyShard.addCatch(fail, { errors: ['States.ALL'], resultPath: '$.error' });
  return inOrder(
    new sfn.Pass(scope, 'Take input', { parameters: { input: sfn.JsonPath.entirePayload } }),
    beginning(scope, refusing.call('Begin', sweeper, 'begin', begin, '$.begun')),
    everyShard,
    untilEverySlotIsSwept(scope, steps.call('Check slots', sweeper, 'checkSlots', { sweep, shards, waits }, '$.begun'), everyShard),
    steps.call('Report', sweeper, 'report', { sweep, shards }, '$.summary'),
    new sfn.Succeed(scope, 'Swept', { outputPath: '$.summary' }),
  );
}

/** Slots that moved to another shard during a round get another one; slots that are moving now are waited for. */
function untilEverySlotIsSwept(scope: Construct, check: sfn.State & sfn.INextable, everyShard: sfn.State): Stretch {
  const choice = new sfn.Choice(scope, 'Every slot swept?');
  check.next(choice);
  return {
    start: check,
    goOn: (next) =>
      void choice
        .when(verdictIs('$.begun.verdict', 'DONE'), next)
        .when(verdictIs('$.begun.verdict', 'REPEAT'), everyShard)
        .otherwise(waitThen(scope, 'Wait for moving slots', SLOTS_POLL_SECONDS, check)),
  };
}

/** An alarm's sweep waits for the cool-down of the last one, and does not run if another has begun since. */
function beginning(scope: Construct, begin: sfn.State & sfn.INextable): Stretch {
  const coolDown = new sfn.Wait(scope, 'Cool down', { time: sfn.WaitTime.secondsPath('$.begun.waitSeconds') });
  coolDown.next(begin);
  const covered = new sfn.Succeed(scope, 'Swept already', { outputPath: '$.begun' });
  const choice = new sfn.Choice(scope, 'Begins?');
  begin.next(choice);
  return {
    start: begin,
    goOn: (next) =>
      void choice.when(verdictIs('$.begun.verdict', 'DONE'), next).when(verdictIs('$.begun.verdict', 'WAIT'), coolDown).otherwise(covered),
  };
}

/** One primary: one invocation after another, until the last page. */
function oneShard(parent: Construct, sweeper: HoldfastFunction): sfn.IChainable {
  const scope = new Construct(parent, 'Shard');
  const failed = new sfn.Fail(scope, 'Shard failed', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
  const steps = new StepFactory(scope, { ...REPEATING, onError: failed });
  const payload = {
    sweep: sfn.JsonPath.objectAt('$.sweep'),
    shard: sfn.JsonPath.stringAt('$.shard'),
    shards: sfn.JsonPath.objectAt('$.shards'),
  };
  const sweepShard = steps.call('Sweep', sweeper, 'sweepShard', payload, '$.step');
  sweepShard.next(
    new sfn.Choice(scope, 'Last page?')
      .when(verdictIs('$.step.verdict', 'DONE'), new sfn.Succeed(scope, 'Shard swept'))
      .when(verdictIs('$.step.verdict', 'WAIT'), waitThen(scope, 'Wait for the store', STORE_POLL_SECONDS, sweepShard))
      .otherwise(sweepShard),
  );
  return sweepShard;
}
