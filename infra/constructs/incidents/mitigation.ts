import { Duration, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { INCIDENT_ERRORS, RETRYABLE_INCIDENT_ERRORS } from '../../../functions/incidents/run/run-errors.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { repeatRefused, StepFactory, verdictIs, waitThen } from '../steps.ts';

export interface MitigationProps {
  readonly control: HoldfastFunction;
  readonly mitigate: HoldfastFunction;
}

const VERIFY_POLL_SECONDS = 15;
const TURN_POLL_SECONDS = 15;
const given = { run: sfn.JsonPath.objectAt('$.run'), decision: sfn.JsonPath.objectAt('$.decision') };
const STEP = '$.step';
const VERDICT = '$.step.verdict';
const error = sfn.JsonPath.objectAt('$.error');

/**
 * One mitigation: plan, and where no person has to say yes act, verify, and undo what had no effect. Its own record says how far it got;
 * whatever fails here ends this mitigation only.
 */
export function mitigation(scope: Construct, props: MitigationProps): sfn.IChainable {
  const { naming, over, act } = carryOut(scope, props, (id) => id);
  const plan = naming.call('Plan', props.mitigate, 'plan', given, STEP);
  // What a person has to approve, or what waits for minutes before it acts, is not carried out here, but after the report.
  plan.next(new sfn.Choice(scope, 'Carry it out?').when(verdictIs(VERDICT, 'DONE'), act).otherwise(over));
  return plan;
}

/**
 * One mitigation after the report. A person decides about it, or it goes on by itself next to these questions. Several wait at once; what repairs
 * is carried out one at a time, and waits for nothing that only bridges the outage.
 */
export function approvedMitigation(
  scope: Construct,
  { approvalMinutes, ...props }: MitigationProps & { readonly approvalMinutes: number },
): sfn.IChainable {
  const { naming, ending, over, act } = carryOut(scope, props, (id) => `Approved: ${id}`);
  const planAgain = naming.call('Plan again', props.mitigate, 'plan', { ...given, approved: true }, STEP);
  planAgain.next(new sfn.Choice(scope, 'Still possible?').when(verdictIs(VERDICT, 'DONE'), act).otherwise(over));
  const endApproval = ending.call('End approval', props.control, 'endApproval', { ...given, error });
  endApproval.next(over);
  const ask = new tasks.LambdaInvoke(scope, 'Ask', {
    lambdaFunction: props.control.version,
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
  // A question that waits takes no function: as many as may be at work are put in each second.
  const before = new sfn.Wait(scope, 'Wait for its question', { time: sfn.WaitTime.secondsPath('$.decision.askAfterSeconds') });
  const isAsked = new sfn.Choice(scope, 'Is it asked?')
    .when(sfn.Condition.stringEquals('$.decision.mode', 'auto'), planAgain)
    .otherwise(ask);
  before.next(isAsked);
  return before;
}

/** From the calls to the end of one mitigation. */
function carryOut(scope: Construct, { control, mitigate }: MitigationProps, named: (id: string) => string) {
  const repeating = { transientErrors: RETRYABLE_INCIDENT_ERRORS, verdicts: INCIDENT_ERRORS };
  const over = new sfn.Succeed(scope, named('Mitigation over'));
  const ending = new StepFactory(scope, { ...repeating, onError: over, errorPath: '$.nameError' });
  const name = ending.call(named('Name what failed'), control, 'nameTrouble', { ...given, error });
  name.next(over);
  const naming = new StepFactory(scope, { ...repeating, onError: name });

  const undo = naming.call(named('Undo'), mitigate, 'undo', given);
  undo.next(over);
  // One that cannot be undone now is named, too.
  const undoAfterError = naming.catching(name, '$.undoError').call(named('Undo after error'), mitigate, 'undo', { ...given, error });
  undoAfterError.next(name);
  const undoing = new StepFactory(scope, { ...repeating, onError: undoAfterError });

  const verify = undoing.call(named('Verify'), mitigate, 'verify', given, STEP);
  verify.next(
    new sfn.Choice(scope, named('Has it worked?'))
      .when(verdictIs(VERDICT, 'WAIT'), waitThen(scope, named('Wait for the effect'), VERIFY_POLL_SECONDS, verify))
      .when(sfn.Condition.stringEquals(VERDICT, 'FAILED'), undo)
      .otherwise(over),
  );
  const act = undoing.call(named('Act'), mitigate, 'act', given, STEP);
  act.next(
    new sfn.Choice(scope, named('Acted?'))
      .when(verdictIs(VERDICT, 'DONE'), verify)
      .when(verdictIs(VERDICT, 'WAIT'), waitThen(scope, named('Wait for its turn'), TURN_POLL_SECONDS, act))
      .otherwise(over),
  );
  return { naming, ending, over, act };
}
