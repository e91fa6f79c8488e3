import { describe, expect, it } from 'vitest';
import { AwsError } from '#local-aws/service/service.ts';
import { type EventFault, NO_FAULTS } from '../faults/faults.ts';
import type { EventRule } from '../installation/installation.ts';
import { Kernel } from '../kernel/kernel.ts';
import { createEventBridge } from './event-bridge.ts';
import { statusEvent } from './execution-events.ts';
import { statusChange } from './execution-record.ts';

const DEPLOY_ARN = 'arn:aws:states:us-east-1:111111111111:stateMachine:holdfast-web-deploy';
const RETRY = { retryAttempts: 5, maxEventAgeSeconds: 3600 };
const RULES = {
  deployEnded: {
    pattern: {
      source: ['aws.states'],
      'detail-type': ['Step Functions Execution Status Change'],
      detail: { stateMachineArn: [DEPLOY_ARN], status: ['FAILED', 'TIMED_OUT', 'ABORTED'] },
    },
    machine: 'cleanUp',
    inputTransformer: { paths: { 'detail-name': '$.detail.name' }, template: '{"deployId":<detail-name>}' },
    ...RETRY,
  },
  launching: {
    pattern: {
      source: ['aws.autoscaling'],
      'detail-type': ['EC2 Instance-launch Lifecycle Action'],
      detail: { AutoScalingGroupName: ['web'] },
    },
    machine: 'launch',
    ...RETRY,
  },
} satisfies Record<string, EventRule>;

const ended = (status: 'FAILED' | 'SUCCEEDED') =>
  statusEvent(
    statusChange({
      machine: 'deploy',
      executionArn: `${DEPLOY_ARN.replace('stateMachine', 'execution')}:d-1`,
      stateMachineArn: DEPLOY_ARN,
      name: 'd-1',
      status,
      input: '{}',
      startedAtMs: 0,
      stoppedAtMs: 1000,
    }),
  );

const launching = {
  source: 'aws.autoscaling',
  detailType: 'EC2 Instance-launch Lifecycle Action',
  resources: [],
  detail: { AutoScalingGroupName: 'web' },
};

function createBus({ fault, refusals = 0 }: { readonly fault?: EventFault; readonly refusals?: number } = {}) {
  const kernel = new Kernel(1);
  const started: { readonly machine: string; readonly input: object; readonly atMs: number }[] = [];
  const took: string[] = [];
  const beganMs = kernel.now();
  let left = refusals;
  const bus = createEventBridge({
    kernel,
    rules: RULES,
    faults: { ...NO_FAULTS, event: () => fault, took: (kind) => void took.push(kind) },
    executions: {
      start(machine, input) {
        left -= 1;
        if (left >= 0) throw new AwsError('ExecutionLimitExceeded', 'too many');
        started.push({ machine, input, atMs: kernel.now() - beganMs });
        return `${machine}-${started.length}`;
      },
    },
  });
  return { ...bus, started, took, pass: (seconds: number) => kernel.run(kernel.now() + seconds * 1000) };
}

describe('the event bus', () => {
  it('starts the clean-up of a deploy that failed, by the transformed input', async () => {
    const { put, started, pass } = createBus();
    put(ended('FAILED'));
    put(ended('SUCCEEDED'));
    await pass(10);
    expect(started).toEqual([{ machine: 'cleanUp', input: { deployId: 'd-1' }, atMs: expect.any(Number) }]);
    expect(started[0]?.atMs).toBeGreaterThan(0);
  });

  it('gives a target without a transformer the whole event', async () => {
    const { put, started, pass } = createBus();
    put(launching);
    put({ ...launching, detail: { AutoScalingGroupName: 'another' } });
    await pass(10);
    expect(started).toMatchObject([{ machine: 'launch', input: { 'detail-type': launching.detailType, detail: launching.detail } }]);
  });

  it('tries again when the start is refused', async () => {
    const { put, started, deadLetters, pass } = createBus({ refusals: 5 });
    put(launching);
    await pass(120);
    expect([started.length, deadLetters.length]).toEqual([1, 0]);
  });

  it('keeps an event as a dead letter when all attempts are refused', async () => {
    const { put, started, deadLetters, pass } = createBus({ refusals: 6 });
    put(ended('FAILED'));
    await pass(120);
    expect(started).toEqual([]);
    expect(deadLetters).toEqual([{ rule: 'deployEnded', input: { deployId: 'd-1' }, error: 'ExecutionLimitExceeded' }]);
  });

  it('loses, doubles and delays events', async () => {
    const startsWith = async (fault: EventFault, seconds: number) => {
      const { put, started, took, pass } = createBus({ fault });
      put(launching);
      await pass(seconds);
      return { starts: started.length, took };
    };
    expect(await startsWith({ kind: 'lost' }, 600)).toEqual({ starts: 0, took: ['event.lost'] });
    expect(await startsWith({ kind: 'twice' }, 120)).toEqual({ starts: 2, took: ['event.twice'] });
    expect(await startsWith({ kind: 'late', ms: 60_000 }, 59)).toMatchObject({ starts: 0 });
    expect(await startsWith({ kind: 'late', ms: 60_000 }, 70)).toMatchObject({ starts: 1 });
  });

  it('counts the entries of PutEvents that fail', () => {
    const { service, ownEvents } = createBus();
    const entry = { Source: 'holdfast', DetailType: 'Deploy ended', Resources: [], Detail: '{"a":1}' };
    expect(service.PutEvents({ Entries: [entry, { ...entry, Detail: '{' }] } as never)).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ EventId: expect.any(String) }, { ErrorCode: 'MalformedDetail' }],
    });
    expect(ownEvents).toEqual([{ source: 'holdfast', detailType: 'Deploy ended', resources: [], detail: { a: 1 } }]);
  });

  it('refuses rules with what it lacks', () => {
    const withRule = (rule: Partial<EventRule>) => () =>
      createEventBridge({
        kernel: new Kernel(1),
        faults: NO_FAULTS,
        executions: { start: () => '' },
        rules: { deployEnded: { ...RULES.deployEnded, ...rule } },
      });
    expect(withRule({ pattern: { source: [{ prefix: 'aws' }] } })).toThrow('{"prefix":"aws"}');
    expect(withRule({ pattern: { $or: [] } })).toThrow('$or');
    expect(withRule({ inputTransformer: { paths: { a: '$.detail[0]' }, template: '<a>' } })).toThrow('$.detail[0]');
    expect(withRule({ inputTransformer: { paths: {}, template: '{"a":<aws.events.event>}' } })).toThrow('aws.events.event');
  });
});
