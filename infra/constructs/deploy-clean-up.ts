import { Duration, aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { HoldfastFunction } from './holdfast-function.ts';
import { callFunction } from './steps.ts';

export interface DeployCleanUpProps {
  readonly control: HoldfastFunction;
  readonly scaling: HoldfastFunction;
}

const deploy = sfn.JsonPath.objectAt('$.deploy');
const lease = sfn.JsonPath.objectAt('$.lease');

/**
 * What follows any failure after the lock, its error at `$.error`: Auto Scaling as before, the lock released, a report
 * written; then the execution fails with the cause.
 */
export function deployCleanUp(scope: Construct, { control, scaling }: DeployCleanUpProps): sfn.State {
  // The report names the target's own error; a child execution's arrives here as States.TaskFailed.
  const failed = new sfn.Fail(scope, 'Failed', { errorPath: '$.report.error.Error', causePath: '$.report.error.Cause' });
  const unreported = new sfn.Fail(scope, 'Failed without a report', { errorPath: '$.error.Error', causePath: '$.error.Cause' });

  // A step that fails must not keep the next one from running; the first error stays the reported one.
  const step = (
    id: string,
    fn: HoldfastFunction,
    payload: object,
    next: sfn.State,
    otherwise: sfn.State = next,
    resultPath: string = sfn.JsonPath.DISCARD,
  ) => {
    const task = callFunction(scope, id, fn, payload, resultPath);
    task.addRetry({ errors: ['States.ALL'], interval: Duration.seconds(1), backoffRate: 2, maxAttempts: 4 });
    task.addCatch(otherwise, { errors: ['States.ALL'], resultPath: '$.cleanUpError' });
    task.next(next);
    return task;
  };
  const report = step(
    'Report failure',
    control,
    { step: 'report', deploy, error: sfn.JsonPath.objectAt('$.error') },
    failed,
    unreported,
    '$.report',
  );
  const release = step('Release lock after failure', control, { step: 'releaseLock', deploy, lease }, report);
  const suspension = sfn.JsonPath.objectAt('$.suspension');
  const resume = step('Resume Auto Scaling after failure', scaling, { step: 'resume', deploy, lease, suspension }, release);
  return new sfn.Choice(scope, 'Was Auto Scaling suspended?').when(sfn.Condition.isPresent('$.suspension'), resume).otherwise(release);
}
