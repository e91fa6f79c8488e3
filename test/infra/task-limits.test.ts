import { afterAll, beforeAll, expect, it } from 'vitest';
import { definitionOf, everyTask } from './state-machine-definition.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

it('every task waits longer than its function can run: Step Functions would repeat a call that is still at work', () => {
  const functionOf = new Map(
    app
      .resources('AWS::Lambda::Version')
      .map(({ logicalId, Properties }) => [`<${logicalId}>`, (Properties['FunctionName'] as { Ref: string }).Ref]),
  );
  const limitOf = new Map(app.resources('AWS::Lambda::Function').map(({ logicalId, Properties }) => [logicalId, Properties['Timeout']]));
  const found = app.resources('AWS::StepFunctions::StateMachine').flatMap((machine) =>
    everyTask(definitionOf(machine)).flatMap(([id, { Resource = '', TimeoutSeconds }]) => {
      const called = functionOf.get(Resource);
      return called === undefined
        ? []
        : [{ task: `${machine.Properties['StateMachineName']}: ${id}`, TimeoutSeconds, limit: limitOf.get(called) as number }];
    }),
  );
  expect(found.length).toBeGreaterThan(80);
  for (const { task, TimeoutSeconds = 0, limit } of found) {
    expect(limit, task).toBeGreaterThan(0);
    expect(TimeoutSeconds, task).toBeGreaterThan(limit);
    expect(TimeoutSeconds, task).toBeLessThanOrEqual(limit + 60);
  }
});
