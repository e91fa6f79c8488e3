import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEPLOY_ERRORS, RETRYABLE_ERRORS } from '../../functions/deploy/errors.ts';
import { type Definition, everyTask, followers, machinesOf, type Retrier, type State, walk } from './state-machine-definition.ts';
import { AWS_CONFIG, type FoundResource, SynthesizedApp } from './synthesized.ts';

let app: SynthesizedApp;
let machines: ReadonlyMap<string, Definition>;

beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
  machines = machinesOf(app);
});
afterAll(() => app?.remove());

const NAMES = ['holdfast-web-deploy', 'holdfast-web-roll-target', 'holdfast-web-clean-up', 'holdfast-web-launch', 'holdfast-web-terminate'];

function machine(name: string): Definition {
  const found = machines.get(name);
  if (!found) throw new Error(`there is no state machine ${name}`);
  return found;
}

/** Between the attempts of one retrier, all of them together; what jitter leaves of it is not known. */
function waitedSeconds({
  IntervalSeconds = 1,
  BackoffRate = 2,
  MaxAttempts = 3,
  MaxDelaySeconds = Infinity,
  JitterStrategy,
}: Partial<Retrier> = {}) {
  if (JitterStrategy === 'FULL') return 0;
  return Array.from({ length: MaxAttempts }, (_, index) => Math.min(IntervalSeconds * BackoffRate ** index, MaxDelaySeconds)).reduce(
    (a, b) => a + b,
    0,
  );
}

/** Step Functions' own refusals of a child, under each name that is reported for them. */
const CHILD_REFUSED = [
  'StepFunctions.AWSStepFunctionsException',
  'StepFunctions.ExecutionLimitExceeded',
  'StepFunctions.ExecutionLimitExceededException',
  'StepFunctions.ThrottlingException',
  'StepFunctions.SdkClientException',
];

const tasksOf = (name: string): [string, State][] => Object.entries(machine(name).States).filter(([, { Type }]) => Type === 'Task');
const lambdaTasksOf = (name: string) => tasksOf(name).filter(([, { Resource }]) => Resource?.startsWith('<'));

describe('functions', () => {
  it('run Node 24 on arm64', () => {
    for (const { Properties } of app.resources('AWS::Lambda::Function'))
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
  });

  it('are traced, but for those that run every few minutes and those that an open dashboard asks each minute', () => {
    const untraced = app
      .resources('AWS::Lambda::Function')
      .filter(({ Properties }) => (Properties['TracingConfig'] as { Mode: string } | undefined)?.Mode !== 'Active');
    expect(untraced.map(({ Properties }) => Properties['FunctionName']).toSorted()).toEqual([
      'holdfast-incidents-tend',
      'holdfast-store-collect',
      'holdfast-store-incidents-widget',
      'holdfast-store-sweeps-widget',
      'holdfast-web-deploy-reconcile',
      'holdfast-web-deploys-widget',
    ]);
  });

  it('write to a log group of their own that ends', () => {
    const groups = app.resources('AWS::Logs::LogGroup');
    for (const { logicalId, stackName, Properties } of app.resources('AWS::Lambda::Function')) {
      const reference = (Properties['LoggingConfig'] as { LogGroup: { Ref: string } }).LogGroup.Ref;
      const group = groups.find((candidate) => candidate.stackName === stackName && candidate.logicalId === reference);
      expect(group, logicalId).toBeDefined();
    }
    for (const { logicalId, Properties } of groups) expect(Properties['RetentionInDays'], logicalId).toBe(30);
  });

  it('are in the VPC only when they talk to the store', () => {
    const inside = app.resources('AWS::Lambda::Function').filter(({ Properties }) => 'VpcConfig' in Properties);
    expect(inside.map(({ Properties }) => Properties['FunctionName'])).toEqual([
      'holdfast-store-collect',
      'holdfast-store-sweep',
      'holdfast-web-store-witness',
      'holdfast-web-deploy-store-check',
      'holdfast-incidents-collect-store',
    ]);
  });

  it('may leave the VPC to nothing but the store', () => {
    const egress = app.resources('AWS::EC2::SecurityGroupEgress').filter(({ stackName }) => stackName === 'holdfast-web-deploy');
    expect(egress).toHaveLength(1);
    expect(egress[0]?.Properties).toMatchObject({ FromPort: 6379, ToPort: 6379, IpProtocol: 'tcp' });
    expect(JSON.stringify(egress[0]?.Properties['DestinationSecurityGroupId'])).toContain('holdfast-session-store');
  });

  it('end before the step that calls them gives up', () => {
    // People call the publish function, CloudFormation those of custom resources, a schedule the one that tends all
    // incidents: a runbook asks it about its own alone, and goes on without an answer.
    const uncalled = /^holdfast-(web-publish|releases-record|incidents-tend)$/;
    const called = app.resources('AWS::Lambda::Function').filter(({ Properties }) => !uncalled.test(String(Properties['FunctionName'])));
    const limits = called.map(({ Properties }) => Number(Properties['Timeout']));
    const steps = NAMES.flatMap((name) => lambdaTasksOf(name)).map(([, { TimeoutSeconds }]) => TimeoutSeconds ?? 0);
    expect(Math.max(...limits)).toBeLessThan(Math.min(...steps));
  });
});

describe.each(NAMES)('state machine %s', (name) => {
  it('ends by itself, as each of its tasks does', () => {
    expect(machine(name).TimeoutSeconds).toBeGreaterThan(0);
    for (const [id, { TimeoutSeconds }] of tasksOf(name)) expect(TimeoutSeconds, id).toBeGreaterThan(0);
  });

  it('calls versions of functions only, which stay for the executions that run', () => {
    const versions = new Map(app.resources('AWS::Lambda::Version').map((found) => [`<${found.logicalId}>`, found]));
    expect(lambdaTasksOf(name).length).toBeGreaterThan(2);
    for (const [id, { Resource = '' }] of lambdaTasksOf(name)) {
      expect(versions.get(Resource)?.DeletionPolicy, id).toBe('RetainExceptOnCreate');
    }
  });

  it('may call every version of its functions, those before the last `cdk deploy` too', () => {
    const found = app.resources('AWS::StepFunctions::StateMachine').find(({ Properties }) => Properties['StateMachineName'] === name);
    const [role] = ((found as FoundResource).Properties['RoleArn'] as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'];
    const policies = app
      .resources('AWS::IAM::Policy')
      .filter(({ Properties }) => JSON.stringify(Properties['Roles']).includes(`"${role}"`));
    const invocable = JSON.stringify(policies.map(({ Properties }) => Properties['PolicyDocument']));
    const called = new Set(lambdaTasksOf(name).map(([, { Resource }]) => Resource));
    const functions = app
      .resources('AWS::Lambda::Version')
      .filter(({ logicalId }) => called.has(`<${logicalId}>`))
      .map(({ Properties }) => (Properties['FunctionName'] as { Ref: string }).Ref);
    expect(functions).toHaveLength(called.size);
    for (const logicalId of functions) expect(invocable).toContain(`{"Fn::Join":["",[{"Fn::GetAtt":["${logicalId}","Arn"]},":*"]]}`);
  });

  it('repeats what passes by itself and catches everything else', () => {
    for (const [id, { Retry = [], Catch = [] }] of lambdaTasksOf(name)) {
      const [verdicts, named, any] = Retry;
      expect(verdicts, id).toMatchObject({ ErrorEquals: expect.arrayContaining([...DEPLOY_ERRORS]), MaxAttempts: 0 });
      expect(named?.ErrorEquals, id).toEqual(expect.arrayContaining([...RETRYABLE_ERRORS]));
      expect(waitedSeconds(named), id).toBe(61);
      expect(any?.ErrorEquals, id).toEqual(['States.ALL']);
      expect(waitedSeconds(any), id).toBe(7);
      expect(Retry, id).toHaveLength(3);
      expect(
        Catch.map(({ ErrorEquals }) => ErrorEquals),
        id,
      ).toEqual([['States.ALL']]);
    }
  });

  it('has no state that cannot be reached', () => {
    const { StartAt, States } = machine(name);
    const reached = new Set([StartAt]);
    for (const id of reached) for (const next of followers(States[id] as State)) reached.add(next);
    expect([...reached].toSorted()).toEqual(Object.keys(States).toSorted());
  });
});

describe('a task of any state machine', () => {
  const tasks = () =>
    [...machines].flatMap(([name, definition]) => everyTask(definition).map(([id, task]) => ({ at: `${name}: ${id}`, task })));

  it('repeats what the service that it calls refuses or does not answer', () => {
    expect(machines.size).toBe(NAMES.length + 2);
    expect(tasks().length).toBeGreaterThan(50);
    for (const { at, task } of tasks()) {
      const service = /^<|:lambda:invoke/.test(task.Resource ?? '')
        ? ['TooManyRequests', 'Service', 'SdkClient', 'ResourceNotReady', 'ENINotReady', 'ResourceConflict'].map(
            (error) => `Lambda.${error}Exception`,
          )
        : CHILD_REFUSED;
      const retrier = task.Retry?.find(({ ErrorEquals }) => service.every((error) => ErrorEquals.includes(error)));
      expect(waitedSeconds(retrier ?? { MaxAttempts: 0 }), at).toBe(61);
    }
  });

  it('that runs another machine starts it under one name however often it tries, and never again once it has failed', () => {
    const children = tasks().filter(({ task }) => task.Resource?.includes('states:startExecution'));
    expect(children.map(({ at }) => at).toSorted()).toEqual([
      'holdfast-web-clean-up: Roll target back',
      'holdfast-web-deploy: Clean up',
      'holdfast-web-deploy: Roll target',
    ]);
    for (const { at, task } of children) {
      expect(task.Parameters?.['Name.$'], at).toMatch(/^\$\$?\./);
      const repeated = (task.Retry ?? []).flatMap(({ ErrorEquals }) => ErrorEquals);
      // These match a child's failure, and a second start of a child that has ended.
      for (const error of ['States.ALL', 'States.TaskFailed', 'States.Timeout']) expect(repeated, at).not.toContain(error);
      expect(
        repeated.filter((error) => error.includes('AlreadyExists')),
        at,
      ).toEqual([]);
    }
  });
});

/** Where errors of the deploy's steps lead that do not lead to the clean-up at once. */
const CATCHES: Readonly<Record<string, readonly string[]>> = {
  Settle: ['Was it the store?'],
  // What is at work ends first.
  ...Object.fromEntries(['Session store', 'Keep lock', 'Next target', 'Announce pause'].map((id) => [id, ['Begin nothing more']])),
  'Roll target': ['Room for another?', 'Begin nothing more'],
};

describe('the deploy', () => {
  it('rolls what comes into service after its release was promoted, and waits for nothing that installs it by itself', () => {
    const byItself = { And: [{ StringEquals: 'WAIT' }, { Not: { IsPresent: true, Variable: '$.next.comesOutdated' } }] };
    const { States } = machine('holdfast-web-deploy');
    expect(States['Newcomers?']).toMatchObject({
      Choices: [
        { Or: [{ StringEquals: 'DONE' }, byItself], Next: 'Release lock' },
        { StringEquals: 'WAIT', Next: 'Wait for outdated newcomer' },
      ],
      Default: 'Suspend Auto Scaling',
    });
    expect(States['Wait for outdated newcomer']).toMatchObject({ Next: 'Check for newcomers' });
  });

  it('goes through its procedure in order, with one target to roll', () => {
    const path = walk(machine('holdfast-web-deploy'), { 'Which target?': ['Roll target', 'Await targets', 'Resume Auto Scaling'] });
    expect(path.filter((id) => machine('holdfast-web-deploy').States[id]?.Type !== 'Wait')).toEqual([
      'Take input',
      'Validate',
      'Acquire lock',
      'Pin documents',
      'Plan',
      'Preflight',
      'Preflight: session store',
      'Stage assets',
      'Stage assets: done?',
      'Suspend Auto Scaling',
      'Begin rolling',
      'Session store',
      'Is the store ready?',
      'Next target',
      'Which target?',
      'Roll target',
      'Room for another?',
      'Session store',
      'Is the store ready?',
      'Next target',
      'Which target?',
      'Await targets',
      'Has one ended?',
      'Session store',
      'Is the store ready?',
      'Next target',
      'Which target?',
      'Resume Auto Scaling',
      'Begin settling',
      'Settle',
      'Settle: done?',
      'Promote release',
      'Check for newcomers',
      'Newcomers?',
      'Release lock',
      'Report',
      'Deployed',
    ]);
  });

  it('rolls what launched while it settled before it ends', () => {
    const path = walk(machine('holdfast-web-deploy'), {
      'Which target?': ['Resume Auto Scaling', 'Roll target', 'Resume Auto Scaling'],
      'Newcomers?': ['Suspend Auto Scaling', 'Release lock'],
    });
    expect(
      path.filter((id) => ['Suspend Auto Scaling', 'Roll target', 'Resume Auto Scaling', 'Promote release', 'Release lock'].includes(id)),
    ).toEqual([
      'Suspend Auto Scaling',
      'Resume Auto Scaling',
      'Promote release',
      'Suspend Auto Scaling',
      'Roll target',
      'Resume Auto Scaling',
      'Promote release',
      'Release lock',
    ]);
  });

  it('cleans up after a failure at any step that holds the lock, and not before', () => {
    for (const [id, { Catch = [] }] of tasksOf('holdfast-web-deploy')) {
      if (id === 'Clean up') continue;
      const expected = id === 'Validate' || id === 'Acquire lock' ? ['Refused'] : (CATCHES[id] ?? ['Clean up']);
      expect(
        Catch.map(({ Next }) => Next),
        id,
      ).toEqual(expected);
    }
  });

  it('checks the store once before it fails the release for an alarm that fired while it settled', () => {
    const { States } = machine('holdfast-web-deploy');
    expect(States['Was it the store?']).toMatchObject({
      Choices: [
        {
          And: [
            { Variable: '$.error.Error', StringEquals: 'AlarmFired' },
            { Not: { Variable: '$.store.failedOver', BooleanEquals: true } },
          ],
          Next: 'Check store after alarm',
        },
      ],
      Default: 'Clean up',
    });
    const ask = (branch: string) => walk({ StartAt: 'Was it the store?', States }, { 'Failed over meanwhile?': [branch] }).slice(0, 4);
    for (const branch of ['Settle', 'Clean up']) {
      expect(ask(branch)).toEqual(['Was it the store?', 'Check store after alarm', 'Failed over meanwhile?', branch]);
    }
    expect(States['Failed over meanwhile?']?.Default).toBe('Clean up');
    expect(States['Check store after alarm']?.Catch).toMatchObject([{ Next: 'Clean up', ResultPath: '$.storeError' }]);
  });

  it('waits for its clean-up and ends with its report, or with its own error when that did not come', () => {
    const { States } = machine('holdfast-web-deploy');
    expect(walk({ StartAt: 'Clean up', States })).toEqual(['Clean up', 'Cleaned up?', 'Failed']);
    expect(States['Cleaned up?']?.Default).toBe('Failed, not cleaned up');
    expect(States['Clean up']?.Catch?.map(({ Next }) => Next)).toEqual(['Failed, not cleaned up']);
    expect(States['Clean up']?.TimeoutSeconds).toBeGreaterThan(machine('holdfast-web-clean-up').TimeoutSeconds ?? 0);
  });
});

describe('the child of a deploy', () => {
  it('is started by the version that was published with the parent, which stays for the parents that run', () => {
    const [version] = app.resources('AWS::StepFunctions::StateMachineVersion');
    const child = app
      .resources('AWS::StepFunctions::StateMachine')
      .find(({ Properties }) => Properties['StateMachineName'] === 'holdfast-web-roll-target');
    expect(machine('holdfast-web-deploy').States['Roll target']?.Parameters?.StateMachineArn).toBe(`<${version?.logicalId}>`);
    expect(version).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      // A new revision of the child is a new version.
      Properties: {
        StateMachineArn: { Ref: child?.logicalId },
        StateMachineRevisionId: { 'Fn::GetAtt': [child?.logicalId, 'StateMachineRevisionId'] },
      },
    });
  });

  it('may be started in any version: IAM asks for the ARN of the machine', () => {
    const starting = app
      .resources('AWS::IAM::Policy')
      .filter(({ logicalId }) => logicalId.startsWith('RollingDeployRole'))
      .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: { Action: unknown; Resource: unknown }[] }).Statement)
      .find(({ Action }) => JSON.stringify(Action).includes('states:StartExecution'));
    expect(JSON.stringify(starting?.Resource)).toMatch(/\{"Ref":"RollingDeployRollTarget[0-9A-F]{8}"\}/);
  });
});
