/**
 * A deploy of two hundred servers, half of them at once: each step by a clock that every call of AWS moves, and the size of what is in the
 * table. The calls are added up, also those that are made at the same time, so that the times are those of a bad day.
 */
import { beforeEach, expect, it } from 'vitest';
import { AwsError } from '#local-aws/service/service.ts';
import { createAssess } from '../../../functions/deploy/assess/assess.ts';
import { createCleanUp } from '../../../functions/deploy/clean-up/clean-up.ts';
import type { NextTarget, Plan } from '../../../functions/deploy/contract/assess-steps.ts';
import type { CleanUpTask } from '../../../functions/deploy/contract/clean-up-steps.ts';
import type { Report } from '../../../functions/deploy/contract/control-steps.ts';
import { createControl } from '../../../functions/deploy/control/control.ts';
import { dynamoRecords } from '../../../functions/records/dynamo-records.ts';
import type { Records } from '../../../functions/records/records.ts';
import { MAX_PHASES } from '../../../functions/records/touched-targets.ts';
import type { Lease } from '../../../functions/records/types.ts';
import { executionArnOf } from '../../../functions/shared/aws/executions.ts';
import { documentCalls } from '../../../lab/simulation/dynamodb/document-calls.ts';
import { createDynamoDb, type SimulatedDynamoDb } from '../../../lab/simulation/dynamodb/dynamodb.ts';
import { fakeAutoScalingGroup } from '../fakes/auto-scaling.ts';
import { fakeExecutions } from '../fakes/executions.ts';
import { beginDeploy, createClock, DEPLOY, RELEASE, recordingLog, recordingMetrics, START_MS } from '../fakes/fixtures.ts';
import { fakeTargetGroup } from '../fakes/target-group.ts';

const SERVERS = 200;
const AT_ONCE = 100;
const CALL_MS = 50;
/** The limit of a deploy's functions. */
const FUNCTION_MS = 60_000;
/** The limit of an item. */
const ITEM_BYTES = 400 * 1024;
/** A server's sentence with the longest end of its output, 300 characters, in it. */
const CAUSE = `i-0123456789abcdef0 never became healthy: ${'x'.repeat(400)}`;

const TABLE = 'holdfast-records';
const ROLL_MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:roll';
const IDS = Array.from({ length: SERVERS }, (_, index) => `i-${(index + 1).toString(16).padStart(17, '0')}`);
const SETTINGS = { ...DEPLOY.settings, maxParallel: '50%', minimumHealthyTargets: SERVERS - AT_ONCE };
const deploy = { ...DEPLOY, settings: SETTINGS };

let clock: ReturnType<typeof createClock>;
let table: SimulatedDynamoDb;
let records: Records;
let executions: ReturnType<typeof fakeExecutions>;
/** Commands that run, by their server. */
let running: Map<string, string[]>;
let lease: Lease;

/** The port, each of whose calls takes its time. */
const timed = <Port extends object>(port: Port): Port =>
  new Proxy(port, {
    get(of, name) {
      const member: unknown = Reflect.get(of, name);
      if (typeof member !== 'function') return member;
      return (...given: readonly unknown[]) => {
        clock.nowMs += CALL_MS;
        return member.apply(of, given) as unknown;
      };
    },
  });

beforeEach(async () => {
  clock = createClock();
  table = createDynamoDb(TABLE);
  const dynamo = documentCalls(async <Output>(operation: string, input: object) => {
    clock.nowMs += CALL_MS;
    try {
      return JSON.parse(JSON.stringify(table.service[operation]?.(JSON.parse(JSON.stringify(input)) as never))) as Output;
    } catch (error) {
      throw error instanceof AwsError ? Object.assign(new Error(error.message), { name: error.code }) : error;
    }
  });
  records = dynamoRecords(dynamo, TABLE);
  executions = fakeExecutions({ [DEPLOY.executionArn]: { status: 'ABORTED' } });
  running = new Map();
  for (const version of ['1.0.0', RELEASE.version]) await records.putRelease({ ...RELEASE, version });
  await records.promote('web', { version: '1.0.0', sha256: RELEASE.sha256, deployId: 'd0', fencingToken: 0, atMs: 1 });
  for (const instanceId of IDS) await records.putInstance('web', { instanceId, version: '1.0.0', installedAtMs: 1 });
  lease = await beginDeploy(records, deploy, {});
  clock.nowMs = START_MS;
});

const targetGroup = () => timed(fakeTargetGroup(Object.fromEntries(IDS.map((id) => [id, 'healthy']))));
const assess = () =>
  createAssess({
    records,
    ...{ targetGroup: targetGroup(), targetGroupArn: 'arn:group', attributes: timed({ read: async () => ({}) }).read },
    group: timed(fakeAutoScalingGroup(Object.fromEntries(IDS.map((id) => [id, 'InService'])))),
    agents: timed({
      describe: async (ids: readonly string[]) => ids.map((instanceId) => ({ instanceId, version: '3.3.3000.0', online: true })),
    }),
    alarms: timed({ states: async () => ({}), read: async () => ({}) }),
    documentVersions: async () => ({ waitIdle: '3', install: '2', observe: '1' }),
    requestRate: timed({ perMinute: async () => [] }),
    prepares: false,
    ...{ executions: timed(executions), rollTargetStateMachineArn: ROLL_MACHINE },
    now: clock.now,
  });
/** How many servers are asked for their commands right now, and at most. */
let [asking, busiest] = [0, 0];
const cleanUp = () =>
  createCleanUp({
    records,
    executions: timed(executions),
    commands: {
      // One at work has two pages of commands of the last 15 minutes; of another the list is short, and the command on record is asked for.
      async running(instanceId) {
        clock.nowMs += 2 * CALL_MS;
        asking += 1;
        busiest = Math.max(busiest, asking);
        await Promise.resolve();
        asking -= 1;
        return running.get(instanceId) ?? [];
      },
      async cancel(_, instanceId) {
        clock.nowMs += CALL_MS;
        running.delete(instanceId);
      },
    },
    targetGroup: targetGroup(),
    log: recordingLog(),
    now: clock.now,
    ...{ fleet: 'web', settings: SETTINGS, rollTargetStateMachineArn: ROLL_MACHINE },
    deployStateMachineArn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:deploy',
  });
const control = () =>
  createControl({
    records,
    metrics: recordingMetrics(),
    events: timed({ put: async () => {} }),
    publish: timed({ send: async () => {} }).send,
    log: recordingLog(),
    now: clock.now,
    ...{ fleet: 'web', settings: SETTINGS },
  });

/** @returns what the step gives, and that it ended in time is expected */
async function inTime<T>(what: string, step: () => Promise<T>): Promise<T> {
  const startedAtMs = clock.nowMs;
  const given = await step();
  expect(clock.nowMs - startedAtMs, `${what}, in ms`).toBeLessThan(FUNCTION_MS);
  expect(clock.nowMs, `${what} calls AWS`).toBeGreaterThan(startedAtMs);
  return given;
}

async function plan(): Promise<void> {
  const planned = (await inTime('plan', () => assess()({ step: 'plan', deploy, lease }))) as Plan;
  await inTime('preflight', () => assess()({ step: 'preflight', deploy, lease, plan: planned }));
}

/** Begins the roll of a server, whose execution then runs, and which is still on record as waiting. */
async function next(): Promise<NextTarget> {
  const given = await inTime('next target', () => assess()({ step: 'nextTarget', deploy, lease, waitingSinceMs: 0 }));
  if ((given as NextTarget).verdict === 'ROLL') {
    const { executionName = '' } = given as NextTarget;
    executions.states[executionArnOf(ROLL_MACHINE, executionName)] = { status: 'RUNNING' };
  }
  return given as NextTarget;
}

async function rollHalf(): Promise<void> {
  await plan();
  for (let index = 0; index < AT_ONCE; index += 1) expect((await next()).verdict).toBe('ROLL');
  expect((await next()).verdict, 'as many as may be at once').toBe('AWAIT');
}

it('is planned, and half of its servers are begun, each step in time', rollHalf);

it('is cleaned up with half of its servers at work, and its table has no item near the limit', async () => {
  await rollHalf();
  for (const instanceId of IDS.slice(0, AT_ONCE)) {
    running.set(instanceId, [`c-${instanceId}`]);
    for (let phase = 0; phase <= MAX_PHASES; phase += 1)
      await records.updateTarget('web', 'd1', instanceId, {
        phase: phase === 0 ? 'draining' : 'installing',
        phaseStartedAtMs: START_MS + phase,
      });
  }
  // The others have failed before, each with a sentence of its own.
  for (const instanceId of IDS.slice(AT_ONCE)) {
    await records.updateTarget('web', 'd1', instanceId, { phase: 'checkingReadiness', startedAtMs: START_MS, phaseStartedAtMs: START_MS });
    await records.updateTarget('web', 'd1', instanceId, { phase: 'failed', finishedAtMs: START_MS, detail: CAUSE });
  }

  const task = (await inTime('claim', () =>
    cleanUp()({ step: 'claim', input: { deployId: 'd1' }, executionArn: 'arn:aws:states:eu-west-1:123456789012:execution:clean-up:c1' }),
  )) as CleanUpTask & { lease: Lease; deploy: typeof DEPLOY };
  const held = { deploy: task.deploy, lease: task.lease };
  await inTime('stop executions', () => cleanUp()({ step: 'stopExecutions', ...held }));
  expect(executions.calls.filter((call) => call.startsWith('stop '))).toHaveLength(SERVERS / 2);
  expect(await inTime('cancel commands', () => cleanUp()({ step: 'cancelCommands', ...held }))).toEqual({ verdict: 'WAIT' });
  expect(await inTime('cancel commands again', () => cleanUp()({ step: 'cancelCommands', ...held }))).toEqual({ verdict: 'DONE' });
  await inTime('next target of the clean-up', () => cleanUp()({ step: 'nextTarget', ...held, waitingSinceMs: 0 }));
  const error = { Error: 'TargetNeverHealthy', Cause: CAUSE };
  const reported = (await inTime('report', () => control()({ step: 'report', deploy: task.deploy, error }))) as Report;
  expect(reported.status).toBe('FAILED');
  expect(busiest, 'one after the other they would take as long as the function may at 200 ms a call').toBe(10);
  expect(reported.error?.Cause.length, 'what Step Functions takes').toBeLessThanOrEqual(32_768);

  // As JSON an item is longer than DynamoDB counts it.
  const sizes = table.items('FLEET#web').map((item) => ({ sk: String(item['sk']?.['S']), bytes: Buffer.byteLength(JSON.stringify(item)) }));
  expect(Math.max(...sizes.map(({ bytes }) => bytes))).toBeLessThan(ITEM_BYTES);
  const targets = sizes.filter(({ sk }) => sk.startsWith('DEPLOY-TARGET#'));
  expect(targets).toHaveLength(SERVERS);
  expect(
    targets.reduce((sum, { bytes }) => sum + bytes, 0),
    'in one item they would not fit',
  ).toBeGreaterThan(ITEM_BYTES);
});
