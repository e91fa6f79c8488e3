import { afterAll, beforeAll, expect, it } from 'vitest';
import { SOURCES } from '../../functions/incidents/contract/evidence.ts';
import { RUNBOOK_FUNCTIONS_AT_ONCE } from '../../functions/shared/runbook.ts';
import { SHARDS_AT_ONCE } from '../../functions/sweep/contract/environment.ts';
import { type Definition, definitionOf, type State } from './state-machine-definition.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

/** What an inline Map without a limit has at work. @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html */
const MAP_LIMIT = 40;

const mostOf = ({ States }: Definition): number => Math.max(...Object.values(States).map(atOnce));
function atOnce({ Type, ItemProcessor, MaxConcurrency = MAP_LIMIT, Branches = [] }: State): number {
  if (ItemProcessor) return MaxConcurrency * mostOf(ItemProcessor);
  if (Type === 'Parallel') return Branches.reduce((sum, branch) => sum + mostOf(branch), 0);
  return Type === 'Task' ? 1 : 0;
}

it('no state of the runbook calls more functions at once than a new account has room for next to a deploy', () => {
  const found = app
    .resources('AWS::StepFunctions::StateMachine')
    .find(({ Properties }) => Properties['StateMachineName'] === 'holdfast-runbook');
  if (found === undefined) throw new Error('there is no runbook');
  const definition = definitionOf(found);
  expect(mostOf(definition)).toBe(RUNBOOK_FUNCTIONS_AT_ONCE);
  expect(definition.States['Take input']?.Parameters).toMatchObject({ evidence: { sources: SOURCES } });
});

/** Every Map of a definition, by its name. */
const mapsOf = ({ States }: Definition): readonly (readonly [string, State])[] =>
  Object.entries(States).flatMap(([name, state]) => [
    ...(state.ItemProcessor ? [[name, state] as const, ...mapsOf(state.ItemProcessor)] : []),
    ...(state.Branches ?? []).flatMap(mapsOf),
  ]);

it('every Map of every state machine has a limit of its own', () => {
  const machines = app.resources('AWS::StepFunctions::StateMachine');
  const limits = machines.flatMap((machine) => mapsOf(definitionOf(machine)).map(([name, { MaxConcurrency }]) => [name, MaxConcurrency]));
  expect(Object.fromEntries(limits)).toEqual({
    Collect: RUNBOOK_FUNCTIONS_AT_ONCE,
    'Each mitigation': RUNBOOK_FUNCTIONS_AT_ONCE,
    'Each after the report': RUNBOOK_FUNCTIONS_AT_ONCE,
    'Every shard': SHARDS_AT_ONCE,
  });
  expect(SHARDS_AT_ONCE).toBeLessThanOrEqual(RUNBOOK_FUNCTIONS_AT_ONCE);
});
