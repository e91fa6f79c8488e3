/** How often state machines, scheduled functions and widgets run in a month, and what a run uses. Pure. */
import { incidentsFunctionName, runbookStateMachineName } from '../../functions/incidents/contract/names.ts';
import {
  cleanUpStateMachineName,
  deployStateMachineName,
  launchStateMachineName,
  refreshStateMachineName,
  rollTargetStateMachineName,
  storeFunctionName,
  sweepStateMachineName,
} from '../../functions/shared/naming.ts';
import { WIDGET_ROLES } from '../../functions/widgets/contract.ts';
import { ASSUMED, DAYS_PER_MONTH } from './assumptions.ts';
import {
  cleanUpWaits,
  deployWaits,
  launchWaits,
  refreshWaits,
  rollWaits,
  runbookWaits,
  sweepWaits,
  terminateWaits,
  type Waits,
} from './estimate-waits.ts';
import type { Fleet } from './read-fleet.ts';
import { type MachineRun, memoryOf, runMachine } from './run-machine.ts';
import { at, type FoundResource, findResources, list, referred, render, type Stack } from './template.ts';

export interface Demand {
  readonly installation: string;
  readonly fleetName: string;
  readonly servers: number;
  readonly deploysPerDay: number;
}

/** One kind of work: a state machine, a scheduled function, or a function that renders a widget. */
export interface Work {
  /** Name of its runs in the plural: `deploys`, `targets`, … */
  readonly what: string;
  readonly runsPerMonth: number;
  readonly run: MachineRun;
  /** Its execution history is logged. */
  readonly logged: boolean;
  readonly traced: boolean;
  readonly scheduled: boolean;
}

/** How often each known state machine runs, by its name. */
function runsByMachine(
  fleet: Fleet,
  { installation, fleetName, servers, deploysPerDay }: Demand,
): Map<string, [what: string, runs: number | undefined, Waits, extraRuns?: number]> {
  const deploys = deploysPerDay * DAYS_PER_MONTH;
  const failures = deploys * ASSUMED.failedShare;
  const rolledBack = Math.ceil(servers * ASSUMED.rolledBackShare);
  const replacements = servers * ASSUMED.replacementsPerServerPerMonth;
  return new Map([
    [deployStateMachineName(installation, fleetName), ['deploys', deploys, deployWaits(fleet, servers)]],
    [rollTargetStateMachineName(installation, fleetName), ['targets', deploys * servers + failures * rolledBack, rollWaits(fleet)]],
    // The deploy's own clean-up, and the one that the deploy's event starts; it finds nothing to do, but is counted in full.
    [cleanUpStateMachineName(installation, fleetName), ['clean-ups', failures * 2, cleanUpWaits(rolledBack)]],
    [refreshStateMachineName(installation, fleetName), ['refreshes', ASSUMED.refreshesPerMonth, refreshWaits(fleet, servers)]],
    [launchStateMachineName(installation, fleetName), ['launches', replacements, launchWaits(fleet)]],
    [`${installation}-${fleetName}-terminate`, ['terminations', replacements, terminateWaits(fleet)]],
    // By its schedule, and when the alarm on keys without a TTL goes into ALARM.
    [sweepStateMachineName(installation), [SWEEPS, undefined, sweepWaits(), ASSUMED.alarmSweepsPerDay * DAYS_PER_MONTH]],
    [runbookStateMachineName(installation), [RUNBOOKS, ASSUMED.runbooksPerDay * DAYS_PER_MONTH, runbookWaits()]],
  ]);
}

export function listWork(stacks: readonly Stack[], fleet: Fleet, demand: Demand): { work: Work[]; unknown: string[] } {
  const known = runsByMachine(fleet, demand);
  const schedules = readSchedules(stacks);
  const unknown = schedules
    .filter(({ runsPerMonth }) => runsPerMonth === undefined)
    .map(({ text }) => `how often the schedule "${text}" runs`);
  const work: Work[] = [];
  for (const machine of findResources(stacks, 'AWS::StepFunctions::StateMachine')) {
    const name = render(machine.properties['StateMachineName']);
    const [what, knownRuns, waits, extraRuns = 0] = known.get(name) ?? [`runs of ${name}`, undefined, NO_WAITS];
    const runsPerMonth =
      knownRuns ??
      plus(
        scheduledRuns(
          schedules.filter((schedule) => !isCheck(schedule)),
          machine,
        ),
        extraRuns,
      );
    if (runsPerMonth === undefined) unknown.push(`how often ${name} runs`);
    const run = runMachine(machine, waits);
    unknown.push(...run.unknownLoops.map((choice) => `how often ${name} repeats the loop at "${choice}"`));
    work.push({
      what,
      runsPerMonth: runsPerMonth ?? 0,
      run,
      logged: at(machine.properties, 'LoggingConfiguration', 'Level') === 'ALL',
      traced: at(machine.properties, 'TracingConfiguration', 'Enabled') === true,
      scheduled: knownRuns === undefined,
    });
    const checks = scheduledRuns(schedules.filter(isCheck), machine);
    if (checks !== undefined) work.push(checksOf(machine, stacks, checks));
  }
  return { work: [...work, ...scheduledFunctions(stacks, schedules), ...widgets(stacks), ...alarmChanges(stacks)], unknown };
}

const plus = (runs: number | undefined, more: number) => (runs === undefined ? undefined : runs + more);

const NO_WAITS: Waits = { rounds: {}, waitedSeconds: ASSUMED.scheduledRunSeconds };

interface Schedule {
  readonly stack: Stack;
  /** Logical ids of its targets. */
  readonly targets: readonly string[];
  readonly text: string;
  /** Of a scheduled state machine. */
  readonly input: string;
  readonly runsPerMonth: number | undefined;
}

function readSchedules(stacks: readonly Stack[]): Schedule[] {
  const read = ({ stack, properties }: FoundResource, arns: readonly unknown[], input = ''): Schedule => {
    const text = render(properties['ScheduleExpression']);
    return { stack, targets: arns.map(referred), text, input, runsPerMonth: runsOf(text) };
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
    ...findResources(stacks, 'AWS::Scheduler::Schedule').map((schedule) =>
      read(schedule, [at(schedule.properties, 'Target', 'Arn')], render(at(schedule.properties, 'Target', 'Input') ?? '')),
    ),
  ];
}

/** A sweep that ends after its first step unless keys without a TTL pile up. */
const isCheck = ({ input }: Schedule): boolean => input.includes('"check":true');

/** Runs of the sweep's machine that only compare the store's counters: one invocation, and five states. */
function checksOf(machine: FoundResource, stacks: readonly Stack[], runsPerMonth: number): Work {
  const sweeper = findResources(stacks, 'AWS::Lambda::Function').find(({ properties }) =>
    render(properties['FunctionName']).endsWith(`-${storeFunctionName('', 'sweep').slice(1)}`),
  );
  const gbSeconds = sweeper ? ASSUMED.scheduledRunSeconds * memoryOf(sweeper, `<${sweeper.logicalId}>`) : 0;
  const run: MachineRun = { transitions: 5, invocations: 1, gbSeconds, events: 14, visits: {}, unknownLoops: [] };
  const logged = at(machine.properties, 'LoggingConfiguration', 'Level') === 'ALL';
  const traced = at(machine.properties, 'TracingConfiguration', 'Enabled') === true;
  return { what: 'checks of the counters', runsPerMonth, run, logged, traced, scheduled: true };
}

const MINUTES = { minute: 1, hour: 60, day: 1_440 } as const;

/** `rate(5 minutes)` as runs a month; undefined for an expression of another kind. */
export function runsOf(expression: string): number | undefined {
  const [, amount, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (amount === undefined) return undefined;
  return (DAYS_PER_MONTH * MINUTES.day) / (Number(amount) * MINUTES[unit as keyof typeof MINUTES]);
}

function scheduledRuns(schedules: readonly Schedule[], { stack, logicalId }: FoundResource): number | undefined {
  const own = schedules.filter((schedule) => schedule.stack === stack && schedule.targets.includes(logicalId));
  if (own.length === 0) return undefined;
  return own.reduce((sum, { runsPerMonth = 0 }) => sum + runsPerMonth, 0);
}

function scheduledFunctions(stacks: readonly Stack[], schedules: readonly Schedule[]): Work[] {
  const callable = ['AWS::Lambda::Alias', 'AWS::Lambda::Function'].flatMap((type) => findResources(stacks, type));
  return callable.flatMap((fn) => {
    const runsPerMonth = scheduledRuns(schedules, fn);
    if (runsPerMonth === undefined) return [];
    const gbSeconds = ASSUMED.scheduledRunSeconds * memoryOf(fn, `<${fn.logicalId}>`);
    const run: MachineRun = { transitions: 0, invocations: 1, gbSeconds, events: 0, visits: {}, unknownLoops: [] };
    return [{ what: nameOf(fn), runsPerMonth, run, logged: false, traced: isTraced(fn), scheduled: true }];
  });
}

/** Runs of the functions of custom widgets have names of their own, because they read other records than a deploy. */
export const RENDERS = {
  deploys: 'renderings of the latest deploys',
  sweeps: 'renderings of the latest sweeps',
  incidents: 'renderings of the latest incidents',
} as const;

function widgets(stacks: readonly Stack[]): Work[] {
  return findResources(stacks, 'AWS::Lambda::Function').flatMap((fn) => {
    const name = render(fn.properties['FunctionName']);
    const widget = (['deploys', 'sweeps', 'incidents'] as const).find((one) => name.endsWith(`-${WIDGET_ROLES[one]}`));
    if (!widget) return [];
    const gbSeconds = ASSUMED.renderSeconds * memoryOf(fn, `<${fn.logicalId}>`);
    const run: MachineRun = { transitions: 0, invocations: 1, gbSeconds, events: 0, visits: {}, unknownLoops: [] };
    const runsPerMonth = ASSUMED.rendersPerDay * DAYS_PER_MONTH;
    return [{ what: RENDERS[widget], runsPerMonth, run, logged: false, traced: isTraced(fn), scheduled: false }];
  });
}

/** Runbooks, and what precedes and follows them, have names of their own: they write other records than a deploy. */
export const RUNBOOKS = 'runbooks';
export const ALARM_CHANGES = 'changes of alarms';
export const TENDED = 'checks of open incidents';

/** EventBridge calls the function for each of them; events of AWS services are free. */
function alarmChanges(stacks: readonly Stack[]): Work[] {
  const fn = findResources(stacks, 'AWS::Lambda::Function').find((one) => isOfIncidents(one, 'alarm'));
  if (!fn) return [];
  const gbSeconds = ASSUMED.stepSeconds * memoryOf(fn, `<${fn.logicalId}>`);
  const run: MachineRun = { transitions: 0, invocations: 1, gbSeconds, events: 0, visits: {}, unknownLoops: [] };
  const runsPerMonth = ASSUMED.alarmChangesPerDay * DAYS_PER_MONTH;
  return [{ what: ALARM_CHANGES, runsPerMonth, run, logged: false, traced: isTraced(fn), scheduled: false }];
}

const isOfIncidents = (fn: FoundResource | undefined, role: string): boolean =>
  render(fn?.properties['FunctionName']).endsWith(incidentsFunctionName('', role));

const underlying = (fn: FoundResource): FoundResource | undefined =>
  fn.type === 'AWS::Lambda::Function'
    ? fn
    : findResources([fn.stack], 'AWS::Lambda::Function').find(({ logicalId }) => logicalId === referred(fn.properties['FunctionName']));

export const SWEEPS = 'sweeps';

/** Runs of the collector have a name of their own, because their records and logs are priced by it. */
export const READINGS = 'readings of the store';

function nameOf(fn: FoundResource): string {
  const called = underlying(fn);
  if (isOfIncidents(called, 'tend')) return TENDED;
  const isCollector = render(called?.properties['FunctionName']).endsWith(`-${storeFunctionName('', 'collect').slice(1)}`);
  return isCollector ? READINGS : `runs of ${fn.logicalId}`;
}

const isTraced = (fn: FoundResource): boolean => at(underlying(fn)?.properties, 'TracingConfig', 'Mode') === 'Active';
