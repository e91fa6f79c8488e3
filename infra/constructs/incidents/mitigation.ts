import { Duration, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { INCIDENT_ERRORS, RETRYABLE_INCIDENT_ERRORS } from '../../../functions/incidents/control/errors.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { repeatRefused, StepFactory, verdictIs, waitThen } from '../steps.ts';

export interface MitigationProps {
  readonly control: HoldfastFunction;
  readonly mitigate: HoldfastFunction;
  readonly approvalMinutes: number;
}

const VERIFY_POLL_SECONDS = 15;
const given = { run: sfn.JsonPath.objectAt('$.run'), decision: sfn.JsonPath.objectAt('$.decision') };
const STEP = '$.step';
const VERDICT = '$.step.verdict';

/**
 * One mitigation: plan, ask where a person has to say yes, act, verify, and undo what had no effect. Its own record says how far it
 * got; whatever fails here ends this mitigation only.
 */
export function mitigation(scope: Construct, { control, mitigate, approvalMinutes }: MitigationProps): sfn.IChainable {
  const repeating = { transientErrors: RETRYABLE_INCIDENT_ERRORS, verdicts: INCIDENT_ERRORS };
  const error = sfn.JsonPath.objectAt('$.error');
  const over = new sfn.Succeed(scope, 'Mitigation over');
  const ending = new StepFactory(scope, { ...repeating, onError: over, errorPath: '$.nameError' });
  const name = ending.call('Name what failed', control, 'nameTrouble', { ...given, error });
  name.next(over);
  const naming = new StepFactory(scope, { ...repeating, onError: name });

  const undo = naming.call('Undo', mitigate, 'undo', given);
  undo.next(over);
  // One that cannot be undone now is named, too.
  const undoAfterError = naming.catching(name, '$.undoError').call('Undo after error', mitigate, 'undo', { ...given, error });
  undoAfterError.next(name);
  const undoing = new StepFactory(scope, { ...repeating, onError: undoAfterError });

  const verify = undoing.call('Verify', mitigate, 'verify', given, STEP);
  verify.next(
    new sfn.Choice(scope, 'Has it worked?')
      .when(verdictIs(VERDICT, 'WAIT'), waitThen(scope, 'Wait for the effect', VERIFY_POLL_SECONDS, verify))
      .when(sfn.Condition.stringEquals(VERDICT, 'FAILED'), undo)
      .otherwise(over),
  );
  const act = undoing.call('Act', mitigate, 'act', given, STEP);
  act.next(new sfn.Choice(scope, 'Acted?').when(verdictIs(VERDICT, 'DONE'), verify).otherwise(over));

  const planAgain = naming.call('Plan again', mitigate, 'plan', { ...given, approved: true }, STEP);
  planAgain.next(new sfn.Choice(scope, 'Still possible?').when(verdictIs(VERDICT, 'DONE'), act).otherwise(over));
  const endApproval = ending.call('End approval', control, 'endApproval', { ...given, error });
  endApproval.next(over);
  const ask = new tasks.LambdaInvoke(scope, 'Ask', {
    lambdaFunction: control.version,
    integrationPattern: sfn.IntegrationPattern.WAIT_FOR_TASK_TOKEN,
    payload: sfn.TaskInput.fromObject({ step: 'askApproval', ...given, token: sfn.JsonPath.taskToken }),
    retryOnServiceExceptions: false,
    resultPath: '$.approval',
    taskTimeout: sfn.Timeout.duration(Duration.minutes(approvalMinutes)),
  });
  repeatRefused(ask);
  // A time-out is the answer no.
  ask.addCatch(endApproval, { errors: ['States.ALL'], resultPath: '$.error' });
  ask.next(new sfn.Choice(scope, 'Approved?').when(sfn.Condition.booleanEquals('$.approval.approved', true), planAgain).otherwise(over));
  const plan = naming.call('Plan', mitigate, 'plan', given, STEP);
  plan.next(
    new sfn.Choice(scope, 'Carry it out?').when(verdictIs(VERDICT, 'DONE'), act).when(verdictIs(VERDICT, 'REPEAT'), ask).otherwise(over),
  );
  return plan;
}
