/** What the lifecycle machines know of an event of Auto Scaling. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { definitionOf } from './state-machine-definition.ts';
import { AWS_CONFIG, type FoundResource, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

it('carries on where a terminating server comes from, a warm pool for instance', () => {
  const machine = app
    .resources('AWS::StepFunctions::StateMachine')
    .find(({ Properties }) => Properties['StateMachineName'] === 'holdfast-web-terminate') as FoundResource;
  const { StartAt, States } = definitionOf(machine);
  expect(JSON.stringify(States[StartAt])).toContain('"event.$":"$.detail"');
});
