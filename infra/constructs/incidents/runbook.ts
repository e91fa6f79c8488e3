import { Duration, aws_stepfunctions as sfn, aws_stepfunctions_tasks as tasks } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { runbookStateMachineName } from '../../../functions/incidents/contract/environment.ts';
import { SOURCES, type Source } from '../../../functions/incidents/contract/evidence.ts';
import { INCIDENT_ERRORS, RETRYABLE_INCIDENT_ERRORS } from '../../../functions/incidents/contract/steps.ts';
import { RUNBOOK_FUNCTIONS_AT_ONCE } from '../../../functions/shared/runbook.ts';
import { acknowledge, NO_NARROWER_RESOURCE } from '../acknowledge.ts';
import { createLogGroup, type HoldfastFunction } from '../holdfast-function.ts';
import { createMachine, inOrder, repeatRefused, type Step, StepFactory, type Stretch, verdictIs, waitThen } from '../steps.ts';
import type { IncidentFunctions } from './incident-functions.ts';

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

export interface RunbookProps {
  readonly installation: string;
  readonly functions: Pick<IncidentFunctions, 'control' | 'collect' | 'collectStore' | 'mitigate' | 'tend'>;
}

/** Errors of the steps that are repeated, and those that are not. */
export const REPEATING_INCIDENTS = { transientErrors: RETRYABLE_INCIDENT_ERRORS, verdicts: INCIDENT_ERRORS } as const;

/** Above the function's 60 s; a source that needs longer is a gap. */
const SOURCE_TIMEOUT = Duration.seconds(75);
/** A turn of looking has nine events, of the 25,000 that an execution can have. After the last report that is an hour, 120 turns. */
const LOOK_SECONDS = 30;
/** Mitigations take minutes each, one after another, and what is in effect is looked after for an hour. */
const LONGEST_RUN = Duration.hours(12);

const run = sfn.JsonPath.objectAt('$.open.run');
const withRun = { run };

/**
 * The runbook of every kind of incident: what is wrong, with proof, and what to do about it. Only the functions know the kinds; the
 * machine sees to it that each source and each mitigation has its own end, and that there is a report in any case.
 */
export class Runbook extends Construct {
  readonly stateMachine: sfn.StateMachine;
  private readonly props: RunbookProps;

  constructor(scope: Construct, id: string, props: RunbookProps) {
    super(scope, id);
    this.props = props;
    const { installation, functions } = props;
    const stateMachineName = runbookStateMachineName(installation);
    this.stateMachine = createMachine(this, 'StateMachine', {
      stateMachineName,
      comment: 'Collects evidence about an incident, says what is wrong, and does what it may about it',
      body: this.runbook(),
      timeout: LONGEST_RUN,
      logGroup: createLogGroup(this, 'Logs', `/aws/vendedlogs/states/${stateMachineName}`),
      // The incident's record has all of it.
      logsData: false,
    });
    const { control, collect, collectStore, mitigate, tend } = functions;
    for (const fn of [control, collect, collectStore, mitigate, tend]) fn.grantInvokeVersions(this.stateMachine);
    acknowledge(this, { 'AwsSolutions-IAM5[Resource::*]': NO_NARROWER_RESOURCE });
  }

  /** A runbook: read it from here, top to bottom. */
  private runbook(): sfn.IChainable {
    const { control } = this.props.functions;
    const failed = new sfn.Fail(this, 'Not begun', { errorPath: '$.error.Error', causePath: '$.error.Cause' });
    const unreported = new sfn.Fail(this, 'Not reported', { errorPath: '$.reportError.Error', causePath: '$.reportError.Cause' });
    const beginning = new StepFactory(this, { ...REPEATING_INCIDENTS, onError: failed });
    const ending = new StepFactory(this, { ...REPEATING_INCIDENTS, onError: unreported, errorPath: '$.reportError' });
    const report = ending.call('Report', control, 'report', withRun, '$.report');
    const trouble = ending
      .catching(report, '$.troubleError')
      .call('Name trouble', control, 'nameTrouble', { ...withRun, error: sfn.JsonPath.objectAt('$.error') });
    trouble.next(report);
    const steps = new StepFactory(this, { ...REPEATING_INCIDENTS, onError: trouble });
    const start = {
      input: sfn.JsonPath.objectAt('$.input'),
      executionArn: sfn.JsonPath.stringAt('$$.Execution.Id'),
      startTime: sfn.JsonPath.stringAt('$$.Execution.StartTime'),
    };
    const collected = sfn.JsonPath.objectAt('$.collected');
    const decide = steps.call('Decide', control, 'decide', withRun, '$.decided');
    return inOrder(
      new sfn.Pass(this, 'Take input', { parameters: { input: sfn.JsonPath.entirePayload, evidence: { sources: [...SOURCES] } } }),
      // Another run of the same incident is under way, or the incident is over.
      this.ifDone(beginning.call('Open', control, 'open', start, '$.open'), ['Begins?', 'Nothing to do'], decide),
      this.collect(trouble),
      // A re-check that shows nothing new ends here. One that does goes on as a run, which the answer has.
      this.ifDone(steps.call('Classify', control, 'classify', { ...withRun, collected }, '$.open'), ['Goes on?', 'Nothing new']),
      decide,
      this.eachMitigation(trouble),
      this.afterReport(report, ending),
      this.watchInEffect(),
    );
  }

  /** What waits for minutes before it acts comes after the report; what became of it is in another one. */
  private afterReport(report: Step, ending: StepFactory): Stretch {
    const { control } = this.props.functions;
    const results = ending.call('Report results', control, 'report', { ...withRun, last: true }, '$.report');
    const each = this.mapOf('Each after the report', '$.report.waiting');
    each.itemProcessor(mitigation(new Construct(this, 'After'), this.props.functions, true));
    each.addCatch(results, { errors: ['States.ALL'], resultPath: '$.error' });
    each.next(results);
    const choice = new sfn.Choice(this, 'Does something wait?').when(verdictIs('$.report.verdict', 'REPEAT'), each);
    report.next(choice);
    return {
      start: report,
      goOn(next) {
        choice.otherwise(next);
        results.next(next);
      },
    };
  }

  /**
   * Polls after the report, so that mitigations which bridge an outage end within a minute of it. The schedule, which comes every five
   * minutes only, ends what is still in effect when this execution has to end.
   */
  private watchInEffect(): sfn.State {
    const reported = new sfn.Succeed(this, 'Reported', { outputPath: '$.report' });
    const steps = new StepFactory(this, { ...REPEATING_INCIDENTS, onError: reported, errorPath: '$.lookError' });
    const look = steps.call('Look after', this.props.functions.tend, 'lookAfter', withRun, '$.looked');
    const isOver = new sfn.Choice(this, 'Is it over?');
    look.next(
      isOver.when(verdictIs('$.looked.verdict', 'WAIT'), waitThen(this, 'Wait for the end', LOOK_SECONDS, look)).otherwise(reported),
    );
    return look;
  }

  /** Ends where there is nothing to go on with. @param asked where a mitigation that a person asks for goes on */
  private ifDone(step: sfn.State & sfn.INextable, [choiceId, endId]: readonly [string, string], asked?: sfn.State): Stretch {
    const choice = new sfn.Choice(this, choiceId);
    if (asked !== undefined) choice.when(sfn.Condition.isPresent('$.open.run.asked'), asked);
    const nothing = new sfn.Succeed(this, endId, { outputPath: '$.open' });
    step.next(choice);
    return { start: step, goOn: (next) => void choice.when(verdictIs('$.open.verdict', 'DONE'), next).otherwise(nothing) };
  }

  /** A few sources at once, each with its own time limit: one that fails is a gap with a name, and the next one takes its place. */
  private collect(trouble: sfn.State): sfn.Map {
    const map = new sfn.Map(this, 'Collect', {
      itemsPath: '$.evidence.sources',
      itemSelector: { run, source: sfn.JsonPath.stringAt('$$.Map.Item.Value') },
      maxConcurrency: RUNBOOK_FUNCTIONS_AT_ONCE,
      resultPath: '$.collected',
    });
    const { collect, collectStore } = this.props.functions;
    const source: Source = 'store';
    map.itemProcessor(
      new sfn.Choice(this, 'Which source?')
        .when(sfn.Condition.stringEquals('$.source', source), this.collectBy('Collect store', collectStore))
        .otherwise(this.collectBy('Collect source', collect)),
    );
    map.addCatch(trouble, { errors: ['States.ALL'], resultPath: '$.error' });
    return map;
  }

  private collectBy(id: string, fn: HoldfastFunction): sfn.IChainable {
    const source = sfn.JsonPath.stringAt('$.source');
    const gap = new sfn.Pass(this, `${id}: gap`, {
      parameters: { source, gap: sfn.JsonPath.format('it could not be collected: {}', sfn.JsonPath.stringAt('$.error.Error')) },
    });
    const task = new tasks.LambdaInvoke(this, id, {
      lambdaFunction: fn.version,
      payload: sfn.TaskInput.fromObject({ step: 'collect', source, run: sfn.JsonPath.objectAt('$.run') }),
      payloadResponseOnly: true,
      retryOnServiceExceptions: false,
      taskTimeout: sfn.Timeout.duration(SOURCE_TIMEOUT),
    });
    // Evidence is worth most when it comes soon: two attempts, 1 s apart. But a function that nobody has called for weeks, as in a quiet
    // time before an incident, has to become ready first.
    task.addRetry({ errors: ['States.Timeout'], maxAttempts: 0 });
    task.addRetry({ errors: ['Sandbox.Timedout'], interval: Duration.seconds(1), maxAttempts: 1 });
    repeatRefused(task);
    task.addRetry({ errors: ['States.ALL'], interval: Duration.seconds(1), maxAttempts: 1 });
    task.addCatch(gap, { errors: ['States.ALL'], resultPath: '$.error' });
    return task;
  }

  /** A few at once, of which only one that repairs acts: the effect of each is known before the next. */
  private eachMitigation(trouble: sfn.State): sfn.Map {
    const map = this.mapOf('Each mitigation', '$.decided.decisions');
    map.itemProcessor(mitigation(new Construct(this, 'Mitigation'), this.props.functions));
    map.addCatch(trouble, { errors: ['States.ALL'], resultPath: '$.error' });
    return map;
  }

  private mapOf(id: string, itemsPath: string): sfn.Map {
    return new sfn.Map(this, id, {
      itemsPath,
      itemSelector: { run, decision: sfn.JsonPath.objectAt('$$.Map.Item.Value') },
      maxConcurrency: RUNBOOK_FUNCTIONS_AT_ONCE,
      resultPath: sfn.JsonPath.DISCARD,
    });
  }
}
