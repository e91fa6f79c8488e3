/** What a deploy asks of the session store while it rolls. */
import { type IResolvable, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { HoldfastFunction } from './holdfast-function.ts';
import { REPEATING, StepFactory, type Stretch, waitThen, whenVerdict } from './steps.ts';

/** Between two looks at a store that is not ready: a wait of 1,800 s at the longest takes 180 × 14 of the history's 25,000 events. */
const STORE_POLL_SECONDS = 10;

const deploy = sfn.JsonPath.objectAt('$.deploy');

/**
 * A failover in mid-deploy is waited for: until the store answers and has its replicas again, no target is taken out.
 * How it stands lies at `$.store`.
 */
export function untilStoreIsReady(
  scope: Construct,
  steps: StepFactory,
  { storeCheck, control }: { readonly storeCheck: HoldfastFunction; readonly control: HoldfastFunction },
): Stretch {
  const asked = { deploy, store: sfn.JsonPath.objectAt('$.store') };
  const look = steps.call('Session store', storeCheck, 'awaitStore', asked, '$.store');
  const keepLock = steps.call('Keep lock', control, 'keepLock', { deploy, lease: sfn.JsonPath.objectAt('$.lease') });
  keepLock.next(look);
  const wait = waitThen(scope, 'Wait for store', STORE_POLL_SECONDS, keepLock);
  const ready = whenVerdict(scope, 'Is the store ready?', '$.store.verdict', 'DONE', wait);
  look.next(ready.start);
  return { start: look, goOn: ready.goOn };
}

export interface BakeFailure {
  readonly storeCheck: HoldfastFunction;
  readonly roll: IResolvable;
  /** Where a target goes that is at fault itself. */
  readonly putBack: sfn.State;
  readonly bakeAnew: sfn.State;
  readonly pollSeconds: number;
}

/**
 * Where a bake that fails goes: a release that answers errors because the store is failing over is not at fault, and bakes
 * anew. A rollback brings no `$.store` along, for errors do not condemn the release before.
 */
export function unlessStoreFailedOver(scope: Construct, { storeCheck, roll, putBack, bakeAnew, pollSeconds }: BakeFailure): sfn.State {
  // Its own failure must not hide why the target failed.
  const comparing = new StepFactory(scope, { ...REPEATING, onError: putBack, errorPath: '$.storeError' });
  const compare = comparing.call(
    'Compare store',
    storeCheck,
    'compareStore',
    { deploy, roll, store: sfn.JsonPath.objectAt('$.store') },
    '$.store',
  );
  compare.next(
    new sfn.Choice(scope, 'Bake anew?')
      .when(sfn.Condition.stringEquals('$.store.verdict', 'AGAIN'), bakeAnew)
      .when(sfn.Condition.stringEquals('$.store.verdict', 'WAIT'), waitThen(scope, 'Wait for store', pollSeconds, compare))
      .otherwise(putBack),
  );
  const isBake = sfn.Condition.and(sfn.Condition.stringEquals('$.error.Error', 'BakeFailed'), sfn.Condition.isPresent('$.store'));
  return new sfn.Choice(scope, 'Was it the store?').when(isBake, compare).otherwise(putBack);
}

export interface Settling {
  readonly storeCheck: HoldfastFunction;
  readonly cleanUp: sfn.State;
  /** The look at the alarms, with the `onError` given. */
  readonly lookAtAlarms: (steps: StepFactory) => sfn.State & sfn.INextable;
}

/**
 * The look at the alarms while the deploy settles. One that goes off may be the doing of a failover of the store that came
 * meanwhile: the store is asked before the release is blamed. Once it is known to have failed over, settling forgives what it
 * may, and an alarm that ends it all the same is the release's.
 */
export function settleUnlessStoreFailedOver(scope: Construct, { storeCheck, cleanUp, lookAtAlarms }: Settling): sfn.State & sfn.INextable {
  // Its own failure must not hide the alarm.
  const asking = new StepFactory(scope, { ...REPEATING, onError: cleanUp, errorPath: '$.storeError' });
  const askStore = asking.call(
    'Store behind the alarm',
    storeCheck,
    'awaitStore',
    { deploy, store: sfn.JsonPath.objectAt('$.store') },
    '$.store',
  );
  const isAlarm = sfn.Condition.stringEquals('$.error.Error', 'AlarmFired');
  const isKnown = sfn.Condition.booleanEquals('$.store.failedOver', true);
  const onError = new sfn.Choice(scope, 'Was it the store?')
    .when(sfn.Condition.and(isAlarm, sfn.Condition.not(isKnown)), askStore)
    .otherwise(cleanUp);
  const look = lookAtAlarms(new StepFactory(scope, { ...REPEATING, onError }));
  askStore.next(new sfn.Choice(scope, 'Failed over meanwhile?').when(isKnown, look).otherwise(cleanUp));
  return look;
}
