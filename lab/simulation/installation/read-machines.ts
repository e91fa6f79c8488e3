/** Machines, and what starts them. */
import { LIFECYCLE_HOOKS } from '../../../functions/shared/foreign-hooks.ts';
import {
  cleanUpStateMachineName,
  deployStateMachineName,
  launchStateMachineName,
  rollTargetStateMachineName,
  terminateStateMachineName,
} from '../../../functions/shared/naming.ts';
import {
  type EventRule,
  type Installation,
  type LifecycleHook,
  MACHINES,
  type MachineName,
  type SynthesizedFunction,
  type SynthesizedMachine,
} from './installation.ts';
import { only } from './only.ts';
import type { Names } from './read-functions.ts';
import type { ResolvedResource, Templates } from './resolve.ts';

const NAME_OF: Readonly<Record<MachineName, (installation: string, fleet: string) => string>> = {
  deploy: deployStateMachineName,
  rollTarget: rollTargetStateMachineName,
  cleanUp: cleanUpStateMachineName,
  launch: launchStateMachineName,
  terminate: terminateStateMachineName,
};

type Machines = Readonly<Record<MachineName, SynthesizedMachine>>;

export function readMachines(templates: Templates, { installation, fleet }: Names): Machines {
  const all = templates.all('AWS::StepFunctions::StateMachine');
  const versions = templates.all('AWS::StepFunctions::StateMachineVersion').map((version) => version.ref());
  const entries = MACHINES.map((key): [MachineName, SynthesizedMachine] => {
    const name = NAME_OF[key](installation, fleet);
    const found = only(
      all.filter((one) => one.get('StateMachineName') === name),
      `state machine ${name}`,
    );
    const arn = found.ref();
    const versionArn = versions.find((one) => one.startsWith(`${arn}:`));
    return [key, { name, arn, ...(versionArn !== undefined && { versionArn }), definition: found.text('DefinitionString') }];
  });
  return Object.fromEntries(entries) as Machines;
}

/** The rules that start these machines; others are none of theirs. */
export function readRules(templates: Templates, machines: Machines): Installation['rules'] {
  const rules = templates.all('AWS::Events::Rule');
  const starting = (machine: MachineName): EventRule => {
    const targets = rules.flatMap((rule) =>
      (rule.get('Targets') as RuleTarget[]).filter(({ Arn }) => Arn === machines[machine].arn).map((target) => ({ rule, target })),
    );
    const { rule, target } = only(targets, `rule that starts ${machine}`);
    return describeRule(rule, target, machine);
  };
  return { deployEnded: starting('cleanUp'), launching: starting('launch'), terminating: starting('terminate') };
}

interface RuleTarget {
  readonly Id: string;
  readonly Arn: string;
  readonly RoleArn: string;
  readonly DeadLetterConfig: unknown;
  readonly InputTransformer?: { readonly InputPathsMap: Readonly<Record<string, string>>; readonly InputTemplate: string };
  readonly RetryPolicy: { readonly MaximumRetryAttempts: number; readonly MaximumEventAgeInSeconds: number };
}

const TARGET_FIELDS = ['Id', 'Arn', 'RoleArn', 'DeadLetterConfig', 'InputTransformer', 'RetryPolicy'];

function describeRule(rule: ResolvedResource, target: RuleTarget, machine: MachineName): EventRule {
  for (const field of Object.keys(target))
    if (!TARGET_FIELDS.includes(field)) throw new Error(`the rule that starts ${machine} has ${field}, which the simulation does not know`);
  const { InputTransformer, RetryPolicy } = target;
  return {
    pattern: rule.get('EventPattern'),
    machine,
    ...(InputTransformer && { inputTransformer: { paths: InputTransformer.InputPathsMap, template: InputTransformer.InputTemplate } }),
    retryAttempts: RetryPolicy.MaximumRetryAttempts,
    maxEventAgeSeconds: RetryPolicy.MaximumEventAgeInSeconds,
  };
}

interface ScheduleTarget {
  readonly Arn: string;
  readonly Input: string;
}

export function readReconcile(templates: Templates, { arns }: SynthesizedFunction): Installation['reconcile'] {
  const schedules = templates
    .all('AWS::Scheduler::Schedule')
    .map((schedule) => ({ schedule, target: schedule.get('Target') as ScheduleTarget }))
    .filter(({ target }) => arns.includes(target.Arn));
  const { schedule, target } = only(schedules, 'schedule of the reconciler');
  const minutes = /^rate\((\d+) minutes?\)$/.exec(schedule.text('ScheduleExpression'))?.[1];
  if (minutes === undefined) throw new Error(`the simulation does not know the schedule ${schedule.text('ScheduleExpression')}`);
  return { everyMinutes: Number(minutes), functionArn: target.Arn, input: JSON.parse(target.Input) };
}

export function readHooks(templates: Templates): Installation['hooks'] {
  const hooks = templates.all('AWS::AutoScaling::LifecycleHook');
  const named = (name: string): LifecycleHook => {
    const hook = only(
      hooks.filter((one) => one.get('LifecycleHookName') === name),
      `hook ${name}`,
    );
    return {
      name,
      transition: hook.text('LifecycleTransition'),
      heartbeatSeconds: hook.get('HeartbeatTimeout') as number,
      defaultResult: hook.get('DefaultResult') as LifecycleHook['defaultResult'],
    };
  };
  return { launch: named(LIFECYCLE_HOOKS.launch), terminate: named(LIFECYCLE_HOOKS.terminate) };
}
