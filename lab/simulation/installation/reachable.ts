import { everyBranch, everyCatch, everyState } from '../asl/coverage.ts';
import type { TaskState } from '../asl/definition.ts';
import type { Reachable } from '../coverage/coverage.ts';
import type { Drawable } from '../faults/fault-plan.ts';
import { type CheckedMachines, checkedMachines, definitionsOf, functionsByArn } from './definitions.ts';
import type { Installation } from './installation.ts';
import type { Installations } from './installation-file.ts';

/** What runs can reach: the machines of every variant have the same states, or more. */
export function reachable(installations: Installations): Reachable {
  const all = Object.values(installations).map((installation) => definitionsOf(checkedMachines(installation)));
  const distinct = (names: readonly string[]) => [...new Set(names)].sort();
  return {
    states: distinct(all.flatMap(everyState)),
    catches: distinct(all.flatMap(everyCatch)),
    branches: distinct(all.flatMap(everyBranch)),
  };
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
