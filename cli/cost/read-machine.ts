/** What one run of a state machine uses at least, and what can repeat in it, from its definition. Pure. */
import { ASSUMED } from './assumptions.ts';
import type { Execution } from './deploy-usage.ts';
import { type FoundResource, render } from './template.ts';

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Resource?: string;
  readonly ItemProcessor?: Definition;
  readonly Branches?: readonly Definition[];
}

export interface Definition {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

/** Step Functions' own examples count the start as a transition. */
const START_TRANSITIONS = 1;

/** @returns a run that enters each state once, with functions that do not wait; and the choices from which a run can come back to them */
export function readMachine({ properties }: FoundResource): { readonly once: Execution; readonly loops: readonly string[] } {
  const parts = partsOf(JSON.parse(render(properties['DefinitionString'])) as Definition);
  const states = parts.flatMap(({ States }) => Object.values(States));
  const requests = states.filter(({ Type, Resource = '' }) => Type === 'Task' && /^<|:lambda:invoke/.test(Resource)).length;
  const transitions = START_TRANSITIONS + states.length;
  return { once: { transitions, requests, functionSeconds: requests * ASSUMED.stepSeconds, alarmReads: 0 }, loops: parts.flatMap(loopsOf) };
}

/** The definition, and those of the Maps and Parallels in it. */
function partsOf(definition: Definition): Definition[] {
  const nested = Object.values(definition.States).flatMap(({ ItemProcessor, Branches = [] }) => [ItemProcessor ?? [], Branches].flat());
  return [definition, ...nested.flatMap(partsOf)];
}

function loopsOf({ States }: Definition): string[] {
  const nextOf = ({ Next, Default, Choices = [] }: Partial<State> = {}) => [Next, Default, ...Choices.map((choice) => choice.Next)];
  return Object.entries(States).flatMap(([name, state]) => {
    const reached = new Set(nextOf(state));
    // Adding to the set while iterating over it is intended: the loop also visits the added states, and so follows every path to its end.
    for (const next of reached) for (const further of nextOf(States[next ?? ''])) reached.add(further);
    return state.Type === 'Choice' && reached.has(name) ? [name] : [];
  });
}
