/** Everything that runs in a month: state machines, and the functions that a schedule, an alarm or a dashboard starts. Pure. */
import { ASSUMED, DAYS_PER_MONTH } from './assumptions.ts';
import type { Execution } from './deploy-usage.ts';
import { KNOWN_LOOPS, type Known, lambdaFunction, stateMachine } from './known-work.ts';
import type { Use, Work } from './price-usage.ts';
import { readMachine } from './read-machine.ts';
import { at, type FoundResource, findResources, list, referred, render, type Stack } from './template.ts';

/** One invocation of a function. */
const CALL: Execution = { transitions: 0, requests: 1, functionSeconds: ASSUMED.stepSeconds, alarmReads: 0 };
/** A run of the sweep's state machine that only compares the store's counters. */
const CHECK: Known = { what: 'checks of the counters', execution: { ...CALL, transitions: 5 } };
/** A history has two events for each state and for the execution itself, and three more for each call of a function. */
const EVENTS = { perTransition: 2, perRequest: 3 } as const;

/**
 * @param known as in known-work.ts
 * @param recordBytes of a deploy's record
 * @returns also what the estimate does not know: how often something runs or repeats
 */
export function listWork(
  stacks: readonly Stack[],
  known: ReadonlyMap<string, Known>,
  recordBytes: number,
): { work: Work[]; unknown: string[] } {
  const schedules = readSchedules(stacks);
  const unknown = schedules.filter(({ runs }) => runs === undefined).map(({ text }) => `how often the schedule "${text}" runs`);
  const work: Work[] = [];
  for (const resource of ['AWS::StepFunctions::StateMachine', 'AWS::Lambda::Function'].flatMap((type) => findResources(stacks, type))) {
    const { stack, logicalId, properties } = resource;
    const name = render(properties['StateMachineName'] ?? properties['FunctionName'] ?? logicalId);
    const machine = resource.type === 'AWS::StepFunctions::StateMachine' ? readMachine(resource) : undefined;
    const kind = known.get(machine ? stateMachine(name) : lambdaFunction(name)) ?? { what: `runs of ${name}` };
    const own = schedules.filter((schedule) => schedule.stack === stack && schedule.target === logicalId);
    // State machines call the functions that nothing else starts: what they use is part of an execution.
    if (machine && kind.runs === undefined && own.length === 0) unknown.push(`how often ${name} runs`);
    const newLoops = machine?.loops.filter((choice) => !KNOWN_LOOPS.has(choice)) ?? [];
    unknown.push(...newLoops.map((choice) => `how often ${name} repeats the loop at "${choice}"`));
    for (const one of [kind, ...(kind.others ?? []), CHECK]) {
      const scheduled = own.reduce(
        (sum, { isCheck, runs = 0 }) => ((one === kind && !isCheck) || (one === CHECK && isCheck) ? sum + runs : sum),
        0,
      );
      const runsPerMonth = (one.runs ?? 0) + scheduled;
      const { functionSeconds, alarmReads, ...entered } = one.execution ?? machine?.once ?? CALL;
      const more = (unit: keyof Use) => one.more?.[unit] ?? 0;
      const transitions = entered.transitions + more('transitions');
      const requests = entered.requests + more('requests');
      const events = isLogged(resource) ? transitions * EVENTS.perTransition + requests * EVENTS.perRequest : 0;
      const use: Use = {
        ...one.more,
        transitions,
        requests,
        gbSeconds: (functionSeconds + (one.waitedSeconds ?? 0)) * gigabytesOf(resource),
        logBytes: requests * ASSUMED.invocationLogBytes + events * ASSUMED.historyEventBytes + more('logBytes'),
        alarmReads: alarmReads + more('alarmReads'),
        traces: isTraced(resource) ? 1 : 0,
        schedules: scheduled / runsPerMonth,
        // A step writes and reads the record of what it belongs to, and renews the lease; any other function reads one.
        tableWrites: (machine ? requests * (1 + Math.ceil(recordBytes / 1024)) : 0) + more('tableWrites'),
        tableReads: requests * (machine ? Math.ceil(recordBytes / 4096) : 1) + more('tableReads'),
      };
      if (runsPerMonth > 0) work.push({ what: one.what, runsPerMonth, use });
    }
  }
  return { work, unknown };
}

const isLogged = ({ properties }: FoundResource): boolean => at(properties, 'LoggingConfiguration', 'Level') === 'ALL';

const isTraced = ({ properties }: FoundResource): boolean =>
  at(properties, 'TracingConfiguration', 'Enabled') === true || at(properties, 'TracingConfig', 'Mode') === 'Active';

/** Memory of the function, or of the largest one that the state machine calls. */
function gigabytesOf({ stack, type, logicalId, properties }: FoundResource): number {
  const ids = type === 'AWS::Lambda::Function' ? [logicalId] : namedIn(stack, properties['DefinitionString']);
  const called = ids.map((id) => stack.resources[id]).filter((one) => one?.Type === 'AWS::Lambda::Function');
  return Math.max(0, ...called.map((fn) => Number(fn?.Properties?.['MemorySize'] ?? 128))) / 1024;
}

/** Logical ids of the resources that a text refers to; for a version or an alias that of its function. */
function namedIn({ resources }: Stack, text: unknown): string[] {
  const ids = [...render(text).matchAll(/<([^.>]+)/g)].map(([, id = '']) => id);
  const functionOf = (id: string) => referred(resources[id]?.Properties?.['FunctionName']);
  return ids.map((id) => (/^AWS::Lambda::(Alias|Version)$/.test(resources[id]?.Type ?? '') ? functionOf(id) : id));
}

interface Schedule {
  readonly stack: Stack;
  /** Logical id of what it starts. */
  readonly target: string | undefined;
  readonly text: string;
  /** Runs in a month; undefined for an expression that the estimate cannot read. */
  readonly runs: number | undefined;
  /** It starts a sweep that ends after its first step unless keys without a TTL pile up. */
  readonly isCheck: boolean;
}

function readSchedules(stacks: readonly Stack[]): Schedule[] {
  const found = [...findResources(stacks, 'AWS::Events::Rule'), ...findResources(stacks, 'AWS::Scheduler::Schedule')];
  return found.flatMap(({ stack, properties }) => {
    const { ScheduleExpression, Targets, Target } = properties;
    if (ScheduleExpression === undefined) return [];
    const text = render(ScheduleExpression);
    return [...list(Targets), Target].flatMap((target): Schedule[] => {
      const isCheck = render(at(target, 'Input') ?? '').includes('"check":true');
      return target === undefined ? [] : [{ stack, target: namedIn(stack, at(target, 'Arn'))[0], text, runs: runsOf(text), isCheck }];
    });
  });
}

const MINUTES = { minute: 1, hour: 60, day: 1_440 } as const;

/** `rate(5 minutes)` as runs a month; undefined for an expression of another kind. */
export function runsOf(expression: string): number | undefined {
  const [, amount, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  if (amount === undefined) return undefined;
  return (DAYS_PER_MONTH * MINUTES.day) / (Number(amount) * MINUTES[unit as keyof typeof MINUTES]);
}
