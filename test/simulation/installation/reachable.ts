import { everyCatch, everyState } from '../asl/coverage.ts';
import type { TaskState } from '../asl/definition.ts';
import type { Drawable } from '../faults/fault-plan.ts';
import { type CheckedMachines, checkedMachines, definitionsOf, functionsByArn } from './definitions.ts';
import type { Installation } from './installation.ts';
import type { Installations } from './installation-file.ts';

/** What runs can reach: the machines of every variant have the same states, or more. */
export function reachable(installations: Installations): { readonly states: readonly string[]; readonly catches: readonly string[] } {
  const all = Object.values(installations).map((installation) => definitionsOf(checkedMachines(installation)));
  return { states: [...new Set(all.flatMap(everyState))].sort(), catches: [...new Set(all.flatMap(everyCatch))].sort() };
}

/** What faults can be drawn for. */
export function drawableOf(installation: Installation, machines: CheckedMachines): Drawable {
  const functions = functionsByArn(installation);
  const placeOf = (key: string) => {
    const [machine = '', ...state] = key.split('/');
    return { machine, state: state.join('/') };
  };
  const states = everyState(definitionsOf(machines)).map(placeOf);
  const steps = new Map<string, { functionName: string; step: string }>([
    ['reconcile/reconcile', { functionName: 'reconcile', step: 'reconcile' }],
  ]);
  for (const { definition } of Object.values(machines)) {
    for (const state of Object.values(definition.States)) {
      if (state.Type !== 'Task') continue;
      const { Resource, Parameters } = state as TaskState;
      const functionName = functions.get(Resource);
      const step = (Parameters as { readonly step?: unknown } | undefined)?.step;
      if (functionName !== undefined && typeof step === 'string') steps.set(`${functionName}/${step}`, { functionName, step });
    }
  }
  return { states, steps: [...steps.values()], catches: everyCatch(definitionsOf(machines)).map(placeOf) };
}
