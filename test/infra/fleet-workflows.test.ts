/** The workflows next to the deploy: its clean-up, the sweep of the store, and what instances go through. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { byName, type Definition, machinesOf, type State, walk } from './state-machine-definition.ts';
import { AWS_CONFIG, type FoundResource, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
let machines: ReadonlyMap<string, Definition>;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
  machines = machinesOf(app);
});
afterAll(() => app?.remove());

const machine = (name: string): Definition => machines.get(name) as Definition;
const tasksOf = (name: string): [string, State][] => Object.entries(machine(name).States).filter(([, { Type }]) => Type === 'Task');

describe('the clean-up', () => {
  const procedure = (takes: Record<string, string[]>) =>
    walk(machine('holdfast-web-clean-up'), takes).filter((id) => !/: (wait|done[?])$/.test(id));

  it('stops what is running, repairs every target, restores Auto Scaling, reports, and releases the lock last', () => {
    expect(
      procedure({ 'Which target?': ['Roll target back', 'Put back', 'Wait until serving'], 'Room for another?': ['Await targets'] }),
    ).toEqual([
      'Take input',
      'Claim the deploy',
      'Anything to clean up?',
      'Stop executions',
      'Cancel commands',
      'Let stray calls end',
      'Cancel stray commands',
      'Suspend Auto Scaling',
      'Begin repairing',
      'Next target',
      'Which target?',
      'Roll target back',
      'Room for another?',
      'Await targets',
      'Has one ended?',
      'Next target',
      'Which target?',
      'Put back',
      'Next target',
      'Which target?',
      'Wait until serving',
      'Take away assets',
      'Resume Auto Scaling',
      'Report',
      'Is the lock held?',
      'Release lock',
      'Cleaned up',
    ]);
  });

  it('waits for healthy targets before it takes the next one out, and carries since when', () => {
    const { States } = machine('holdfast-web-clean-up');
    expect(States['Which target?']?.Choices).toContainEqual({
      Variable: '$.next.verdict',
      StringEquals: 'WAIT',
      Next: 'Wait for healthy targets',
    });
    expect(States['Wait for healthy targets']).toMatchObject({ Type: 'Wait', Next: 'Next target' });
    expect(States['Begin repairing']).toMatchObject({ ResultPath: '$.next', Result: { waitingSinceMs: 0 } });
    for (const check of ['Next target', 'Wait until serving']) {
      expect(States[check], check).toMatchObject({ Parameters: { 'waitingSinceMs.$': '$.next.waitingSinceMs' }, ResultPath: '$.next' });
    }
  });

  it('only reports when another deploy has the lock, and does nothing where nothing is left', () => {
    const begin = ['Take input', 'Claim the deploy', 'Anything to clean up?'];
    expect(procedure({ 'Anything to clean up?': ['Report'], 'Is the lock held?': ['Cleaned up'] })).toEqual([
      ...begin,
      'Report',
      'Is the lock held?',
      'Cleaned up',
    ]);
    expect(procedure({ 'Anything to clean up?': ['Nothing to clean up'] })).toEqual([...begin, 'Nothing to clean up']);
  });

  it('leaves the rest to the next clean-up when a step of its own fails', () => {
    for (const [id, { Catch = [] }] of tasksOf('holdfast-web-clean-up')) {
      expect(
        Catch.map(({ Next }) => Next),
        id,
      ).toEqual([...(id === 'Roll target back' ? ['Room for another?', 'Clean-up failed'] : ['Clean-up failed'])]);
    }
  });

  it('is started by every end of a deploy but a success, and keeps events that could not be delivered', () => {
    const rule = app
      .resources('AWS::Events::Rule')
      .find(({ Properties }) => JSON.stringify(Properties['EventPattern']).includes('holdfast-web-deploy')) as FoundResource;
    expect(rule.Properties['EventPattern']).toEqual({
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [byName('holdfast-web-deploy')], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
    });
    expect(rule.Properties['Targets']).toMatchObject([
      {
        Arn: byName('holdfast-web-clean-up'),
        DeadLetterConfig: { Arn: expect.anything() },
        InputTransformer: { InputPathsMap: { 'detail-name': '$.detail.name' }, InputTemplate: '{"deployId":<detail-name>}' },
      },
    ]);
  });

  it('is checked for every five minutes, by a function of its own', () => {
    const schedule = app.resources('AWS::Scheduler::Schedule').find(({ Properties }) => Properties['Name'] === 'holdfast-web-reconcile');
    expect(schedule?.Properties).toMatchObject({
      ScheduleExpression: 'rate(5 minutes)',
      Target: { Arn: { Ref: expect.stringContaining('ReconcileLive') } },
    });
  });
});

describe('the sweep', () => {
  it('is started when the alarm on keys without a TTL goes off, and keeps events that could not be delivered', () => {
    const rule = app
      .resources('AWS::Events::Rule')
      .find(({ Properties }) => JSON.stringify(Properties['EventPattern']).includes('Alarm State Change')) as FoundResource;
    expect(rule.Properties['EventPattern']).toEqual({
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
      resources: [{ 'Fn::GetAtt': [expect.stringContaining('KeysWithoutTtl'), 'Arn'] }],
      detail: { state: { value: ['ALARM'] } },
    });
    expect(rule.Properties['Targets']).toMatchObject([
      {
        Arn: byName('holdfast-sweep'),
        DeadLetterConfig: { Arn: expect.anything() },
        InputTransformer: {
          InputPathsMap: { time: '$.time' },
          InputTemplate: '{"requestedBy":"alarm holdfast-store-keys-without-ttl","alarmAt":<time>}',
        },
      },
    ]);
  });

  it('goes on where it begins; one that an alarm asked for cools down and asks again, or is none', () => {
    const { States } = machine('holdfast-sweep');
    const choice = States['Begins?'];
    expect(choice?.Choices).toMatchObject([
      { StringEquals: 'DONE', Next: 'Every shard' },
      { StringEquals: 'WAIT', Next: 'Cool down' },
    ]);
    expect(choice?.Default).toBe('Swept already');
    const waits = { 'Cool down': { SecondsPath: '$.begun.waitSeconds', Next: 'Begin' }, 'Swept already': { Type: 'Succeed' } };
    expect(States).toMatchObject({ ...waits, Begin: { Parameters: { 'startTime.$': '$$.Execution.StartTime' } } });
  });
});

describe('the lifecycle', () => {
  it('installs and checks readiness before an instance serves, and abandons one that fails', () => {
    const launch = machine('holdfast-web-launch');
    const steps = walk(launch).filter((id) => launch.States[id]?.Type === 'Task');
    expect(steps).toEqual(['Prepare', 'Install current release', 'Install: check', 'Readiness', 'Readiness: check', 'Complete launch']);
    expect(walk(launch, { 'Sent?': ['Complete launch'] }).filter((id) => launch.States[id]?.Type === 'Task')).toEqual([
      'Prepare',
      'Install current release',
      'Complete launch',
    ]);
    expect(launch.States['Sent?']).toMatchObject({
      Choices: [
        { StringEquals: 'DONE', Next: 'Install: check' },
        { StringEquals: 'SKIP', Next: 'Complete launch' },
      ],
      Default: 'Wait for the agent',
    });
    expect(launch).toMatchObject({ TimeoutSeconds: 7_200 });
    for (const [id, { Catch = [] }] of tasksOf('holdfast-web-launch')) {
      expect(
        Catch.map(({ Next }) => Next),
        id,
      ).toEqual([id === 'Abandon' ? 'Launch failed' : 'Abandon']);
    }
  });

  it('lets a termination go on whatever fails before it', () => {
    for (const [id, { Catch = [] }] of tasksOf('holdfast-web-terminate')) {
      const expected = id === 'Complete termination' ? 'Termination not completed' : 'Complete termination';
      expect(
        Catch.map(({ Next }) => Next),
        id,
      ).toEqual([expected]);
    }
  });

  it.each([
    ['EC2 Instance-launch Lifecycle Action', 'launch', 'install-current-release'],
    ['EC2 Instance-terminate Lifecycle Action', 'terminate', 'wait-until-idle'],
  ])('starts on "%s" of its own group and hook, and keeps events that could not be delivered', (detailType, target, hook) => {
    const rule = app
      .resources('AWS::Events::Rule')
      .find(({ Properties }) => JSON.stringify(Properties['EventPattern']).includes(detailType)) as FoundResource;
    expect(rule.Properties['EventPattern']).toEqual({
      source: ['aws.autoscaling'],
      'detail-type': [detailType],
      detail: { AutoScalingGroupName: ['holdfast-web'], LifecycleHookName: [hook] },
    });
    expect(rule.Properties['Targets']).toMatchObject([
      {
        Arn: byName(`holdfast-web-${target}`),
        DeadLetterConfig: { Arn: expect.anything() },
        RoleArn: expect.anything(),
      },
    ]);
  });
});
