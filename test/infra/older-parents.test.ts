import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

describe('a deploy that an older version began', () => {
  const ofOlderParents = (role: string) =>
    app
      .resources('AWS::IAM::Policy')
      .filter(({ logicalId }) => logicalId.startsWith(role))
      .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] }).Statement)
      .flatMap(({ Action, Resource }) => [Action].flat().map((action) => `${String(action)} ${JSON.stringify([Resource].flat())}`));

  it.each(['RollingDeployRoleDefaultPolicy', 'RollingDeployCleanUpStateMachineRoleDefaultPolicy'])(
    'can still start its targets, watch them, see them end and stop them, in the middle of a cdk deploy: %s',
    (role) => {
      const granted = ofOlderParents(role);
      for (const action of ['states:DescribeExecution', 'states:StopExecution']) {
        expect(granted).toContainEqual(expect.stringMatching(new RegExp(`^${action} .*:execution:holdfast-web-roll-target:[*]`)));
      }
      for (const action of ['events:PutTargets', 'events:PutRule', 'events:DescribeRule']) {
        expect(granted).toContainEqual(
          expect.stringMatching(new RegExp(`^${action} .*:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule`)),
        );
      }
      expect(granted).toContainEqual(expect.stringMatching(/^states:StartExecution .*RollTarget/));
    },
  );

  it('needs that until 0.2.0 only', () => {
    const { version } = JSON.parse(readFileSync(path.join(import.meta.dirname, '../../package.json'), 'utf8')) as { version: string };
    expect(version, 'remove infra/constructs/deploy/older-parents.ts').toMatch(/^0[.]1[.]/);
  });
});
