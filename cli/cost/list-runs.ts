/** Which state machines run how often in a month, and what each run takes; and what schedules start beside them. Pure. */
import {
  cleanUpStateMachineName,
  deployStateMachineName,
  launchStateMachineName,
  rollTargetStateMachineName,
  storeFunctionName,
  sweepStateMachineName,
} from '../../functions/shared/naming.ts';
import { WIDGET_ROLES } from '../../functions/widgets/contract.ts';
import { ASSUMED, DAYS_A_MONTH } from './assumptions.ts';
import { cleanUpWaits, deployWaits, launchWaits, rollWaits, sweepWaits, terminateWaits, type Waits } from './estimate-waits.ts';
import type { Fleet } from './read-fleet.ts';
import { type MachineRun, memoryOf, runMachine } from './run-machine.ts';
import { at, type FoundResource, findResources, list, referred, render, type Stack } from './template.ts';

export interface Demand {
  readonly installation: string;
  readonly fleetName: string;
  readonly servers: number;
  readonly deploysADay: number;
}

/** One kind of work: a state machine, a function that a schedule calls by itself, or one that draws a widget. */
export interface Work {
  /** `deploys`, `targets`, …: what a run is, in the plural. */
  readonly what: string;
  readonly runsAMonth: number;
  readonly run: MachineRun;
  /** Its history goes to a log group. */
  readonly logged: boolean;
  readonly traced: boolean;
  readonly scheduled: boolean;
}

/** What the estimate knows how often it runs, by the name of its state machine. */
function runsByMachine(
  fleet: Fleet,
  { installation, fleetName, servers, deploysADay }: Demand,
): Map<string, [what: string, runs: number | undefined, Waits, besideSchedule?: number]> {
  const deploys = deploysADay * DAYS_A_MONTH;
  const failures = deploys * ASSUMED.failedShare;
  const rolledBack = Math.ceil(servers * ASSUMED.rolledBackShare);
  const replacements = servers * ASSUMED.replacementsAServerAMonth;
  return new Map([
    [deployStateMachineName(installation, fleetName), ['deploys', deploys, deployWaits(fleet, servers)]],
    [rollTargetStateMachineName(installation, fleetName), ['targets', deploys * servers + failures * rolledBack, rollWaits(fleet)]],
    // The deploy's own, and the one of the event that follows, which finds nothing to do: as if it did.
    [cleanUpStateMachineName(installation, fleetName), ['clean-ups', failures * 2, cleanUpWaits(rolledBack)]],
    [launchStateMachineName(installation, fleetName), ['launches', replacements, launchWaits(fleet)]],
    [`${installation}-${fleetName}-terminate`, ['terminations', replacements, terminateWaits(fleet)]],
    // As often as its schedule says, and when the alarm on keys without a TTL goes off.
    [sweepStateMachineName(installation), [SWEEPS, undefined, sweepWaits(), ASSUMED.alarmSweepsADay * DAYS_A_MONTH]],
  ]);
}

export function listWork(stacks: readonly Stack[], fleet: Fleet, demand: Demand): { work: Work[]; unknown: string[] } {
  const known = runsByMachine(fleet, demand);
  const schedules = readSchedules(stacks);
  const unknown = schedules.filter(({ runsAMonth }) => runsAMonth === undefined).map(({ text }) => `how often "${text}" is`);
  const work: Work[] = [];
  for (const machine of findResources(stacks, 'AWS::StepFunctions::StateMachine')) {
    const name = render(machine.properties['StateMachineName']);
    const [what, knownRuns, waits, beside = 0] = known.get(name) ?? [`runs of ${name}`, undefined, NO_WAITS];
    const runsAMonth = knownRuns ?? plus(scheduledRuns(schedules, machine), beside);
    if (runsAMonth === undefined) unknown.push(`how often ${name} runs`);
    const run = runMachine(machine, waits);
    unknown.push(...run.unknownLoops.map((choice) => `how often ${name} goes round at "${choice}"`));
    work.push({
      what,
      runsAMonth: runsAMonth ?? 0,
      run,
      logged: at(machine.properties, 'LoggingConfiguration', 'Level') === 'ALL',
      traced: at(machine.properties, 'TracingConfiguration', 'Enabled') === true,
      scheduled: knownRuns === undefined,
    });
  }
  return { work: [...work, ...scheduledFunctions(stacks, schedules), ...widgets(stacks)], unknown };
}

const plus = (runs: number | undefined, more: number) => (runs === undefined ? undefined : runs + more);

const NO_WAITS: Waits = { rounds: {}, waitedSeconds: ASSUMED.scheduledRunSeconds };

interface Schedule {
  readonly stack: Stack;
  /** Logical ids of what it starts. */
  readonly targets: readonly string[];
  readonly text: string;
  readonly runsAMonth: number | undefined;
}

function readSchedules(stacks: readonly Stack[]): Schedule[] {
  const read = ({ stack, properties }: FoundResource, arns: readonly unknown[]): Schedule => {
    const text = render(properties['ScheduleExpression']);
    return { stack, targets: arns.map(referred), text, runsAMonth: runsOf(text) };
  };
  return [
    ...findResources(stacks, 'AWS::Events::Rule')
      .filter(({ properties }) => properties['ScheduleExpression'] !== undefined)
      .map((rule) =>
        read(
          rule,
          list(rule.properties['Targets']).map((target) => at(target, 'Arn')),
        ),
      ),
    ...findResources(stacks, 'AWS::Scheduler::Schedule').map((schedule) => read(schedule, [at(schedule.properties, 'Target', 'Arn')])),
  ];
}

const MINUTES = { minute: 1, hour: 60, day: 1_440 } as const;

/** `rate(5 minutes)` as runs a month; undefined for an expression of another kind. */
export function runsOf(expression: string): number | undefined {
  const [, amount, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (amount === undefined) return undefined;
  return (DAYS_A_MONTH * MINUTES.day) / (Number(amount) * MINUTES[unit as keyof typeof MINUTES]);
}

function scheduledRuns(schedules: readonly Schedule[], { stack, logicalId }: FoundResource): number | undefined {
  const own = schedules.filter((schedule) => schedule.stack === stack && schedule.targets.includes(logicalId));
  if (own.length === 0) return undefined;
  return own.reduce((sum, { runsAMonth = 0 }) => sum + runsAMonth, 0);
}

function scheduledFunctions(stacks: readonly Stack[], schedules: readonly Schedule[]): Work[] {
  const callable = ['AWS::Lambda::Alias', 'AWS::Lambda::Function'].flatMap((type) => findResources(stacks, type));
  return callable.flatMap((fn) => {
    const runsAMonth = scheduledRuns(schedules, fn);
    if (runsAMonth === undefined) return [];
    const gbSeconds = ASSUMED.scheduledRunSeconds * memoryOf(fn, `<${fn.logicalId}>`);
    const run: MachineRun = { transitions: 0, invocations: 1, gbSeconds, events: 0, visits: {}, unknownLoops: [] };
    return [{ what: nameOf(fn), runsAMonth, run, logged: false, traced: isTraced(fn), scheduled: true }];
  });
}

/** What draws a custom widget has a name of its own: it is no step of a deploy, and reads what that does not. */
export const DRAWS = { deploys: 'draws of the latest deploys', sweeps: 'draws of the latest sweeps' } as const;

function widgets(stacks: readonly Stack[]): Work[] {
  return findResources(stacks, 'AWS::Lambda::Function').flatMap((fn) => {
    const name = render(fn.properties['FunctionName']);
    const drawn = (['deploys', 'sweeps'] as const).find((one) => name.endsWith(`-${WIDGET_ROLES[one]}`));
    if (!drawn) return [];
    const gbSeconds = ASSUMED.drawSeconds * memoryOf(fn, `<${fn.logicalId}>`);
    const run: MachineRun = { transitions: 0, invocations: 1, gbSeconds, events: 0, visits: {}, unknownLoops: [] };
    const runsAMonth = ASSUMED.drawsADay * DAYS_A_MONTH;
    return [{ what: DRAWS[drawn], runsAMonth, run, logged: false, traced: isTraced(fn), scheduled: false }];
  });
}

const underlying = (fn: FoundResource): FoundResource | undefined =>
  fn.type === 'AWS::Lambda::Function'
    ? fn
    : findResources([fn.stack], 'AWS::Lambda::Function').find(({ logicalId }) => logicalId === referred(fn.properties['FunctionName']));

export const SWEEPS = 'sweeps';

/** The collector's runs have a name of their own: what they leave behind is priced by it. */
export const READINGS = 'readings of the store';

const nameOf = (fn: FoundResource): string =>
  render(underlying(fn)?.properties['FunctionName']).endsWith(`-${storeFunctionName('', 'collect').slice(1)}`)
    ? READINGS
    : `runs of ${fn.logicalId}`;

const isTraced = (fn: FoundResource): boolean => at(underlying(fn)?.properties, 'TracingConfig', 'Mode') === 'Active';
