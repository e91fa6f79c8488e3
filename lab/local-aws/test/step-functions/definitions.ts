/** The definitions of an installation with everything that Holdfast creates, for the inventory. */
import { definitionOf } from '../../../../test/infra/state-machine-definition.ts';
import { AWS_CONFIG, SynthesizedApp } from '../../../../test/infra/synthesized.ts';
import type { AnyDefinition } from './inventory.ts';

/** By the machine's name: `holdfast-web-deploy`. */
export async function synthesizedDefinitions(): Promise<ReadonlyMap<string, AnyDefinition>> {
  const app = await SynthesizedApp.create(AWS_CONFIG);
  try {
    const machines = app.resources('AWS::StepFunctions::StateMachine');
    return new Map(
      machines.map((found) => [String(found.Properties['StateMachineName']), definitionOf(found) as unknown as AnyDefinition]),
    );
  } finally {
    await app.remove();
  }
}
