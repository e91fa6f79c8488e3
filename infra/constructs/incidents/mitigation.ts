import { aws_stepfunctions as sfn } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { INCIDENT_ERRORS, RETRYABLE_INCIDENT_ERRORS } from '../../../functions/incidents/contract/steps.ts';
import type { HoldfastFunction } from '../holdfast-function.ts';
import { StepFactory, verdictIs, waitThen } from '../steps.ts';

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
 * One mitigation: plan, act, verify, and undo what had no effect. Its own record says how far it got; whatever fails here ends this mitigation
 * only.
 * @param isAfter it comes after the report: then no plan puts it off
 */
export function mitigation(scope: Construct, { control, mitigate }: MitigationProps, isAfter = false): sfn.IChainable {
  const named = (id: string) => (isAfter ? `After: ${id}` : id);
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
  const plan = naming.call(named('Plan'), mitigate, 'plan', { ...given, ...(isAfter && { isAfter }) }, STEP);
  // What waits for minutes before it acts is not carried out here, but after the report.
  plan.next(new sfn.Choice(scope, named('Carry it out?')).when(verdictIs(VERDICT, 'DONE'), act).otherwise(over));
  return plan;
}
