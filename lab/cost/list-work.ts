/** Everything that runs in a month: state machines, and the functions that a schedule, an alarm or a dashboard starts. Pure. */

import { CANARY_ROLE } from '../../functions/canary/contract/environment.ts';
import { CHECKS_PER_COMPARISON, incidentsFunctionName, runbookStateMachineName } from '../../functions/incidents/contract/environment.ts';
import { SOURCES } from '../../functions/incidents/contract/evidence.ts';
import * as naming from '../../functions/shared/naming.ts';
import { WIDGET_ROLES } from '../../functions/widgets/contract.ts';
import { at, findResources, list, type Properties, type Resource, render, type Stack } from './assembly.ts';
import { ASSUMED as A, DAYS_PER_MONTH } from './assumptions.ts';
import { deployUse, drainSeconds, type Fleet, type Use } from './deploy-use.ts';

/** One kind of run: of a state machine, or of a function that none calls; `what` names its runs in the plural. */
export interface Work {
  readonly what: string;
  readonly runsPerMonth: number;
  readonly use: Use;
}

interface Known {
  /** Name of the state machine or, after `function:`, of the function. */
  readonly of: string;
  readonly what: string;
  /** In a month, next to those of schedules: these start the first kind of a name, and those with `check` the kind that `isCheck`. */
  readonly runs?: number;
  readonly isCheck?: boolean;
  /** @default a state machine enters each of its states once, a function is called once */
  readonly base?: Use;
  /** What one run uses on top of that. */
  readonly more?: Use;
}

function knownWork(installation: string, fleet: Fleet): Known[] {
  const own = [installation, fleet.name] as const;
  const deploys = fleet.deploysPerDay * DAYS_PER_MONTH;
  const failures = deploys * A.failedShare;
  const targets = deploys * fleet.servers + failures * Math.ceil(fleet.servers * A.rolledBackShare);
  const replaced = fleet.servers * (A.replacementsPerServerPerMonth + A.refreshesPerMonth);
  const { deploy, roll } = deployUse(fleet);
  const drained = { seconds: drainSeconds(fleet.settings) };
  const installs = { objectWrites: A.requestsPerInstall, objectReads: A.requestsPerInstall };
  const logBytes = A.metricsPerExecution * A.metricLogBytes;
  const canary = `function:${naming.functionName(...own, CANARY_ROLE)}`;
  const turn = { tableWrites: A.canaryWriteUnits, keyRequests: A.canaryKeyRequests, secretReads: A.canarySecretReads };
  const sweep = naming.sweepStateMachineName(installation);
  const reading = { tableWrites: A.readingWriteUnits, tableReads: A.readingReadUnits, logBytes: A.readingLogBytes };
  const swept = { seconds: A.sweepSeconds, tableWrites: A.sweepCheckpoints * Math.ceil(A.checkpointBytes / 1024) };
  const runbook = runbookStateMachineName(installation);
  const incidents = (role: string) => `function:${incidentsFunctionName(installation, role)}`;
  const sources = SOURCES.length;
  // Some functions of the sources wait at once, and each is charged. A part is stored for each source, their bundle, and the report in two forms.
  const asked = { seconds: sources * A.sourceSeconds, objectWrites: sources, objectReads: sources };
  const reported = { objectWrites: sources + 3, objectReads: sources + 2 };
  // The definition has what collects once, with a call for the store and one for any other source: the rest of them repeat it.
  const repeated = { transitions: 2 * (sources - 1), requests: sources - 2, seconds: asked.seconds + (sources - 2) * A.stepSeconds };
  // Start, Take input, Open, Begins?, Collect with a choice and a call for each source, Classify, Goes on?, Nothing new.
  const look = { transitions: 2 * sources + 8, requests: sources + 2, seconds: (sources + 2) * A.stepSeconds };
  const widgets = Object.entries(WIDGET_ROLES).map(([latest, role]) => {
    const owner = latest === 'deploys' || latest === 'canary' ? fleet.name : naming.STORE_PART;
    const what = `renderings of the latest ${latest === 'canary' ? 'results of the canary' : latest}`;
    const of = `function:${naming.functionName(installation, owner, role)}`;
    return { of, what, runs: A.rendersPerDay * DAYS_PER_MONTH, more: { seconds: A.renderSeconds } };
  });
  return [
    { of: naming.deployStateMachineName(...own), what: 'deploys', runs: deploys, base: deploy, more: { objectWrites: 1, logBytes } },
    { of: naming.rollTargetStateMachineName(...own), what: 'targets', runs: targets, base: roll, more: { ...installs, logBytes } },
    // The deploy's own clean-up, and the one that the deploy's event starts: it finds nothing to do, but is counted in full.
    { of: naming.cleanUpStateMachineName(...own), what: 'clean-ups', runs: failures * 2 },
    { of: naming.launchStateMachineName(...own), what: 'launches', runs: replaced, more: { ...installs, seconds: A.installSeconds } },
    { of: naming.terminateStateMachineName(...own), what: 'terminations', runs: replaced, more: drained },
    // It reads the record, the lock, the latest deploy and its start.
    { of: canary, what: 'turns of the canary', more: { ...turn, tableReads: 4, logBytes: A.metricLogBytes, seconds: A.canaryTurnSeconds } },
    // One a day, and one after each deploy.
    { of: canary, what: 'runs of the canary', runs: DAYS_PER_MONTH + deploys, more: { seconds: A.canaryRunSeconds } },
    { of: sweep, what: 'sweeps', runs: A.alarmSweepsPerDay * DAYS_PER_MONTH, more: swept },
    // It only compares the store's counters.
    { of: sweep, what: 'checks of the counters', isCheck: true, base: { transitions: 5, requests: 1, seconds: A.stepSeconds } },
    { of: `function:${naming.storeFunctionName(installation, 'collect')}`, what: 'readings of the store', more: reading },
    { of: runbook, what: 'runbooks', runs: A.runbooksPerDay * DAYS_PER_MONTH, more: { ...reported, ...repeated } },
    { of: runbook, what: 'looks', runs: A.looksPerDay * DAYS_PER_MONTH, base: look, more: asked },
    { of: incidents('alarm'), what: 'changes of alarms', runs: A.alarmChangesPerDay * DAYS_PER_MONTH },
    { of: incidents('tend'), what: 'checks of open incidents', more: { alarmReads: 1 / CHECKS_PER_COMPARISON } },
    ...widgets,
  ];
}

const [MACHINE, FUNCTION] = ['StepFunctions::StateMachine', 'Lambda::Function'];

/** @returns also what the estimate does not know: how often something runs */
export function listWork(stacks: readonly Stack[], installation: string, fleet: Fleet): { work: Work[]; unknown: string[] } {
  const known = knownWork(installation, fleet);
  const schedules = readSchedules(stacks);
  const unknown = schedules.filter(({ runs }) => runs === undefined).map(({ text }) => `how often the schedule "${text}" runs`);
  const work: Work[] = [];
  for (const resource of [...findResources(stacks, MACHINE), ...findResources(stacks, FUNCTION)]) {
    const { stack, logicalId, properties } = resource;
    const isMachine = resource.type.endsWith('StateMachine');
    const name = render(properties['StateMachineName'] ?? properties['FunctionName'] ?? logicalId);
    const own = schedules.filter((schedule) => schedule.stack === stack && schedule.target === logicalId);
    const kinds = known.filter(({ of }) => of === (isMachine ? name : `function:${name}`));
    // State machines call the functions that nothing else starts: what they use is part of an execution.
    if (isMachine && kinds.length + own.length === 0) unknown.push(`how often ${name} runs`);
    for (const [index, kind] of (kinds.length > 0 ? kinds : [{ of: name, what: `runs of ${name}` }]).entries()) {
      const starts = own.filter(({ isCheck }) => (isCheck ? kind.isCheck : index === 0));
      const scheduled = starts.reduce((sum, { runs = 0 }) => sum + runs, 0);
      const runsPerMonth = scheduled + (kind.runs ?? 0);
      const use = () => ({ ...useOf(resource, kind, fleet.recordBytes), schedules: scheduled / runsPerMonth });
      if (runsPerMonth > 0) work.push({ what: kind.what, runsPerMonth, use: use() });
    }
  }
  return { work, unknown };
}

function useOf(resource: Resource, { base, more = {} }: Known, recordBytes: number): Use {
  const { properties, type } = resource;
  const isMachine = type.endsWith('StateMachine');
  const ran: Use = base ?? (isMachine ? enteredOnce(resource) : { requests: 1, seconds: A.stepSeconds });
  const sum = (unit: keyof Use) => (ran[unit] ?? 0) + (more[unit] ?? 0);
  const [transitions, requests] = [sum('transitions'), sum('requests')];
  const isTraced = at(properties, 'TracingConfiguration', 'Enabled') === true || at(properties, 'TracingConfig', 'Mode') === 'Active';
  // A history has two events for each state and for the execution itself, and three more for each call of a function.
  const events = at(properties, 'LoggingConfiguration', 'Level') === 'ALL' ? 2 * transitions + 3 * requests : 0;
  return {
    ...more,
    transitions,
    requests,
    gbSeconds: sum('seconds') * gigabytesOf(resource),
    logBytes: requests * A.invocationLogBytes + events * A.historyEventBytes + sum('logBytes'),
    alarmReads: sum('alarmReads'),
    traces: isTraced ? 1 : 0,
    // A step renews the lease, and writes one item, a target's or what they share; it reads them all. Any other function reads one.
    tableWrites: (isMachine ? requests * (1 + Math.ceil(Math.max(A.recordBytes, A.targetRecordBytes) / 1024)) : 0) + sum('tableWrites'),
    tableReads: requests * (isMachine ? Math.ceil(recordBytes / 4096) : 1) + sum('tableReads'),
  };
}

/** A run that enters each state once, those of Maps and Parallels too; as in Step Functions' own examples the start is a transition. */
function enteredOnce({ properties }: Resource): Use {
  const states = statesOf(JSON.parse(render(properties['DefinitionString'])));
  const requests = states.filter(({ Type, Resource }) => Type === 'Task' && /^<|:lambda:invoke/.test(String(Resource))).length;
  return { transitions: 1 + states.length, requests, seconds: requests * A.stepSeconds };
}

const statesOf = (definition: unknown): Properties[] =>
  Object.values(at(definition, 'States') as Record<string, Properties>).flatMap(({ ItemProcessor = [], Branches = [], ...state }) => [
    state,
    ...[ItemProcessor, Branches].flat(2).flatMap(statesOf),
  ]);

/** Memory of a function, and for a state machine of the largest one in its stack. */
function gigabytesOf({ stack, type, properties }: Resource): number {
  const all = type === `AWS::${FUNCTION}` ? [properties] : findResources([stack], FUNCTION).map((one) => one.properties);
  return Math.max(0, ...all.map((one) => Number(one['MemorySize'] ?? 128))) / 1024;
}

/** Logical id of what a reference names; for a version or an alias that of its function. */
function namedBy(stack: Stack, reference: unknown): string {
  const [, id = ''] = /<([^.>]+)/.exec(render(reference)) ?? [];
  const { Type = '', Properties } = stack.resources[id] ?? {};
  return /^AWS::Lambda::(Alias|Version)$/.test(Type) ? namedBy(stack, Properties?.['FunctionName']) : id;
}

/** What the schedules of the templates start. `isCheck`: a sweep that ends after its first step unless keys without a TTL pile up. */
const readSchedules = (stacks: readonly Stack[]) =>
  [...findResources(stacks, 'Events::Rule'), ...findResources(stacks, 'Scheduler::Schedule')].flatMap(({ stack, properties }) => {
    const { ScheduleExpression, Targets, Target } = properties;
    const text = render(ScheduleExpression);
    const targets = ScheduleExpression === undefined ? [] : [...list(Targets), ...(Target === undefined ? [] : [Target])];
    return targets.map((one) => {
      const isCheck = render(at(one, 'Input') ?? '').includes('"check":true');
      return { stack, target: namedBy(stack, at(one, 'Arn')), text, runs: runsOf(text), isCheck };
    });
  });

const MINUTES: Readonly<Record<string, number>> = { minute: 1, hour: 60, day: 1_440 };

/** `rate(5 minutes)` as runs a month; undefined for an expression of another kind. */
export function runsOf(expression: string): number | undefined {
  const [, amount, unit = ''] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  return amount === undefined ? undefined : (DAYS_PER_MONTH * 1_440) / (Number(amount) * (MINUTES[unit] ?? 1));
}
