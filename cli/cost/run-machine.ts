/** What one run of a state machine uses: transitions, function calls and seconds, history events. Pure. */
import { ASSUMED } from './assumptions.ts';
import type { Waits } from './estimate-waits.ts';
import { at, type FoundResource, findResources, referred, render } from './template.ts';
import { type Definition, type Loop, readProcedure, unfold } from './walk-machine.ts';

export interface MachineRun {
  readonly transitions: number;
  readonly invocations: number;
  readonly gbSeconds: number;
  /** Events of its history, as they are logged. */
  readonly events: number;
  /** Visits of each state. */
  readonly visits: Readonly<Record<string, number>>;
  /** Choices whose way back the estimate cannot count: counted as if never taken. */
  readonly unknownLoops: readonly string[];
}

/** Step Functions' own examples count the start as a transition. */
const START_TRANSITIONS = 1;
/** ExecutionStarted and ExecutionSucceeded. */
const EXECUTION_EVENTS = 2;
/** Entered and exited; a function is scheduled, started and succeeds between them, a child execution is submitted as well. */
const EVENTS = { function: 5, service: 6, other: 2 } as const;

export function runMachine(machine: FoundResource, waits: Waits): MachineRun {
  const definition = unfold(JSON.parse(render(machine.properties['DefinitionString'])) as Definition);
  const { states, loops } = readProcedure(definition);
  const visits: Record<string, number> = {};
  const visit = (names: readonly string[], times: number) => {
    if (times === 0) return;
    for (const name of names) visits[name] = (visits[name] ?? 0) + times;
  };
  visit(states, 1);
  for (const loop of loops) visit(loop.states, waits.rounds[loop.choice]?.[loop.verdict] ?? 0);

  const run = { transitions: START_TRANSITIONS, invocations: 0, gbSeconds: 0, events: EXECUTION_EVENTS };
  let memory = 0;
  for (const [name, times] of Object.entries(visits)) {
    const { Type, Resource = '', Parameters } = definition.States[name] ?? {};
    const called = Resource.includes(':lambda:invoke') ? (Parameters?.FunctionName ?? '') : Resource;
    const isFunction = Type === 'Task' && called.startsWith('<');
    run.transitions += times;
    run.events += times * (isFunction ? EVENTS.function : Type === 'Task' ? EVENTS.service : EVENTS.other);
    if (!isFunction) continue;
    const gigabytes = memoryOf(machine, called);
    memory = Math.max(memory, gigabytes);
    run.invocations += times;
    run.gbSeconds += times * ASSUMED.stepSeconds * gigabytes;
  }
  run.gbSeconds += waits.waitedSeconds * memory;
  return { ...run, visits, unknownLoops: unknownLoops(loops, waits) };
}

/** Choices with a loop that has no estimate, or with an estimate for a verdict without a loop. */
function unknownLoops(loops: readonly Loop[], { rounds }: Waits): string[] {
  const choices = [...new Set(loops.map(({ choice }) => choice))];
  const goesBack = (choice: string, verdict: string) => loops.some((loop) => loop.choice === choice && loop.verdict === verdict);
  return choices.filter((choice) => !Object.keys(rounds[choice] ?? { unknown: 1 }).every((verdict) => goesBack(choice, verdict)));
}

/** Gigabytes of the function that a task calls by its version or alias, or by itself. */
export function memoryOf(caller: FoundResource, resource: string): number {
  const inStack = (type: string, logicalId: string) =>
    findResources([caller.stack], type).find((candidate) => candidate.logicalId === logicalId)?.properties;
  const named = resource.slice(1, -1).split('.')[0] ?? '';
  const qualified = inStack('AWS::Lambda::Version', named) ?? inStack('AWS::Lambda::Alias', named);
  const properties = inStack('AWS::Lambda::Function', qualified ? referred(qualified['FunctionName']) : named);
  return Number(at(properties, 'MemorySize') ?? 128) / 1024;
}
