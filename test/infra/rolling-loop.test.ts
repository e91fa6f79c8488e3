import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Definition, definitionOf, walk } from './state-machine-definition.ts';
import { AWS_CONFIG, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;

beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

function machine(name: string): Definition {
  const found = app.resources('AWS::StepFunctions::StateMachine').find(({ Properties }) => Properties['StateMachineName'] === name);
  if (!found) throw new Error(`there is no state machine ${name}`);
  return definitionOf(found);
}

describe('the loop of a deploy', () => {
  it('starts targets without waiting for them, and begins the next one when there is room or one has ended', () => {
    const { States } = machine('holdfast-web-deploy');
    expect(States['Roll target']).toMatchObject({ Resource: expect.stringMatching(/:startExecution$/), Next: 'Room for another?' });
    expect(States['Room for another?']).toMatchObject({
      Choices: [{ Variable: '$.next.room', BooleanEquals: true, Next: 'Session store' }],
      Default: 'Await targets',
    });
    expect(States['Has one ended?']).toMatchObject({
      Choices: [
        { StringEquals: 'DONE', Next: 'Session store' },
        { StringEquals: 'FAILED', Next: 'What failed first' },
        { StringEquals: 'WAIT', Next: 'Wait for targets' },
      ],
      Default: 'Await targets',
    });
    expect(States['Wait for targets']).toMatchObject({ SecondsPath: '$.next.waitSeconds', Next: 'Await targets' });
  });

  it('begins nothing after a failure, lets what is at work end, and cleans up with what failed first', () => {
    const { States } = machine('holdfast-web-deploy');
    expect(walk({ StartAt: 'Begin nothing more', States }, { 'Has one ended?': ['Await targets', 'What failed first'] })).toEqual([
      'Begin nothing more',
      'Await targets',
      'Has one ended?',
      'Await targets',
      'Has one ended?',
      'What failed first',
      'Clean up',
      'Cleaned up?',
      'Failed',
    ]);
    expect(States['Begin nothing more']?.Catch).toMatchObject([{ Next: 'Clean up', ResultPath: '$.stopError' }]);
    expect(States['What failed first']).toMatchObject({ ResultPath: '$.error' });
  });

  it('announces once that it waits to be continued, and looks at the store and the fleet again until it is', () => {
    const { States } = machine('holdfast-web-deploy');
    expect(States['Which target?']?.Choices).toEqual(
      expect.arrayContaining([
        {
          And: [
            { Variable: '$.next.verdict', StringEquals: 'PAUSE' },
            { Variable: '$.next.announces', IsPresent: true },
          ],
          Next: 'Announce pause',
        },
        { Variable: '$.next.verdict', StringEquals: 'PAUSE', Next: 'Wait to be continued' },
      ]),
    );
    expect(States['Announce pause']).toMatchObject({ Next: 'Wait to be continued' });
    expect(States['Wait to be continued']).toMatchObject({ SecondsPath: '$.next.waitSeconds', Next: 'Session store' });
  });

  it('lets an operator continue a deploy that waits, and nobody else', () => {
    const invoking = app
      .resources('AWS::IAM::ManagedPolicy')
      .filter(({ Properties }) => JSON.stringify(Properties).includes(':holdfast-web-deploy-continue:live'))
      .map(({ Properties }) => Properties['ManagedPolicyName']);
    expect(invoking).toEqual(['holdfast-web-operator']);
  });

  it('takes a child that runs or has ended under its name for the one that it was to start', () => {
    const { States } = machine('holdfast-web-deploy');
    expect(States['Roll target']?.Catch?.[0]).toMatchObject({
      ErrorEquals: ['StepFunctions.ExecutionAlreadyExists', 'StepFunctions.ExecutionAlreadyExistsException'],
      Next: 'Room for another?',
    });
  });
});
