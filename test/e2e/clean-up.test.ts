/** Deploys that are stopped by force, in every phase: whatever they left is put right without anybody's help. */
import { DisableRuleCommand, EnableRuleCommand, EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand, StopExecutionCommand, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { ListCommandInvocationsCommand } from '@aws-sdk/client-ssm';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DeployContext } from '../../functions/deploy/contract/common.ts';
import type { Reconciled } from '../../functions/deploy/reconcile/reconcile.ts';
import type { DeployRecord, Lease } from '../../functions/records/types.ts';
import { functionName } from '../../functions/shared/naming.ts';
import { until } from '../until.ts';
import { neverUp } from './bad-releases.ts';
import { withSettings } from './deploy-under-fault.ts';
import {
  cloud,
  currentVersion,
  groupInstances,
  kept,
  publish,
  publishBad,
  recordOf,
  ssm,
  startDeploy,
  suspendedProcesses,
  targetHealth,
  untilEnded,
  untilHealthy,
  versions,
} from './fleet.ts';
import { FULL } from './full-run.ts';
import { openDeploy } from './open-deploy.ts';

const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const eventBridge = new EventBridgeClient(client);
const lambda = new LambdaClient(client);

let current: string;
let round = 0;
let members: string[];

beforeAll(async () => {
  await untilHealthy(3);
  await publish('8.0.0');
});
beforeEach(async () => {
  await untilHealthy(3);
  await until(async () => (await (await cloud()).records.getLock('web'))?.deployId === undefined, 'the lock is free');
  current = await currentVersion();
  members = (await groupInstances()).map(({ id }) => id).sort();
  await publish(`8.1.${++round}`);
});

const start = (more: object = {}) => startDeploy({ version: `8.1.${round}`, ...more });

async function stop(executionArn: string): Promise<void> {
  const { stepFunctions } = await cloud();
  await stepFunctions.send(new StopExecutionCommand({ executionArn, cause: 'test' }));
}

async function reconcile(): Promise<Reconciled> {
  const { Payload } = await lambda.send(new InvokeCommand({ FunctionName: `${functionName('holdfast', 'web', 'deploy-reconcile')}:live` }));
  return JSON.parse(Buffer.from(Payload ?? []).toString()) as Reconciled;
}

const untilInPhase = (executionArn: string, isThere: (record: DeployRecord) => boolean) =>
  until(
    async () => {
      const record = await recordOf(executionArn);
      return record && isThere(record);
    },
    'the phase',
    120_000,
  );

const untilCleanedUp = (executionArn: string, timeoutMs = 120_000) =>
  until(
    async () => {
      const record = await recordOf(executionArn);
      const lock = await (await cloud()).records.getLock('web');
      return record?.status !== 'RUNNING' && lock?.deployId === undefined ? record : undefined;
    },
    'the clean-up',
    timeoutMs,
  );

/** The same instances, on the previous release, healthy and registered; nothing suspended, held or running. */
async function expectAsBefore(): Promise<void> {
  expect((await groupInstances()).map(({ id }) => id).sort()).toEqual(members);
  expect(Object.values(await targetHealth())).toEqual(['healthy', 'healthy', 'healthy']);
  expect(Object.values(await versions())).toEqual([current, current, current]);
  expect(await currentVersion()).toBe(current);
  expect(await suspendedProcesses()).toEqual([]);
  const { CommandInvocations = [] } = await ssm.send(new ListCommandInvocationsCommand({}));
  expect(CommandInvocations.filter(({ Status }) => ['Pending', 'InProgress', 'Cancelling'].includes(Status ?? ''))).toEqual([]);
  const { records } = await cloud();
  expect((await records.getLock('web'))?.openDeploys ?? new Set()).toEqual(new Set());
}

const inPhase = (phase: string) => (record: DeployRecord) => Object.values(record.targets).some((target) => target.phase === phase);

describe('a deploy that is stopped', () => {
  it.runIf(FULL)('by its time limit leaves the fleet as it was', async () => {
    const { stepFunctions, deployStateMachineArn: stateMachineArn } = await cloud();
    const { definition = '' } = await stepFunctions.send(new DescribeStateMachineCommand({ stateMachineArn }));
    const hasty = JSON.stringify({ ...(JSON.parse(definition) as object), TimeoutSeconds: 12 });
    await stepFunctions.send(new UpdateStateMachineCommand({ stateMachineArn, definition: hasty }));
    try {
      const arn = await start();
      expect((await untilEnded(arn)).status).toBe('TIMED_OUT');
      expect(await untilCleanedUp(arn)).toMatchObject({ status: 'TIMED_OUT', error: { Error: 'States.Timeout' } });
      await expectAsBefore();
    } finally {
      await stepFunctions.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
    }
  });

  it('without an event is found by the reconciler', async () => {
    const { Rules = [] } = await eventBridge.send(new ListRulesCommand({}));
    const rule = Rules.find(({ EventPattern = '' }) => EventPattern.includes('Step Functions Execution Status Change'))?.Name;
    await eventBridge.send(new DisableRuleCommand({ Name: rule }));
    try {
      const arn = await start();
      await untilInPhase(arn, inPhase('installing'));
      await stop(arn);
      // Its schedule comes once a minute: the full run waits for it.
      if (!FULL) await reconcile();
      const record = await untilCleanedUp(arn, 150_000);
      expect(record).toMatchObject({ status: 'ABORTED', rolledBack: true });
      await expectAsBefore();
    } finally {
      await eventBridge.send(new EnableRuleCommand({ Name: rule }));
    }
  });

  it('with onFailure halt has its target registered again as it is; steps of it that run later change nothing', async () => {
    // Long enough that the deploy is still draining when it is stopped, on the busiest machine.
    const slowDrain = { quietSeconds: 25, leastQuietSeconds: 25, drainTimeoutSeconds: 60 };
    const arn = await withSettings(slowDrain, () => start({ onFailure: 'halt' }));
    await untilInPhase(arn, inPhase('draining'));
    const stale = await staleDeploy(arn);
    await stop(arn);
    expect(await untilCleanedUp(arn)).toMatchObject({ status: 'ABORTED', outcome: expect.stringMatching(/^No target left its release: /) });
    await expectAsBefore();
    const roll = { instanceId: members[0], quietSeconds: 1, phaseStartedAtMs: Date.now() };
    for (const [name, step] of [
      ['deploy-traffic', 'deregister'],
      ['deploy-command', 'sendInstall'],
      ['deploy-scaling', 'suspend'],
      ['deploy-control', 'promote'],
    ] as const) {
      const reply = await lambda.send(
        new InvokeCommand({
          FunctionName: `${functionName('holdfast', 'web', name)}:live`,
          Payload: Buffer.from(JSON.stringify({ step, ...stale, roll })),
        }),
      );
      expect(JSON.parse(Buffer.from(reply.Payload ?? []).toString()), step).toMatchObject({ errorType: 'LeaseLost' });
    }
    await expectAsBefore();
  });
});

describe('a deploy that fails', () => {
  it.runIf(FULL)('and is stopped while its clean-up brings a target back is rolled back, and leaves the fleet as it was', async () => {
    const version = `8.1.${round}-never-up`;
    await publishBad(version, neverUp);
    const arn = await startDeploy({ version });
    await untilInPhase(arn, (record) =>
      Object.values(record.targets).some(({ rollingBackTo, phase }) => rollingBackTo !== undefined && phase === 'draining'),
    );
    // Step Functions stops what the deploy waits for: its clean-up, and the roll that this one waits for.
    await stop(arn);
    const record = await untilCleanedUp(arn);
    expect(record.cleanUp?.attempt).toBeGreaterThan(1);
    expect(record.rolledBack).toBe(true);
    expect(Object.values(record.targets).filter(({ phase }) => phase === 'rolledBack')).toHaveLength(1);
    await expectAsBefore();
  });

  it('ends in one clean-up: the event that follows finds nothing to do', async () => {
    const arn = await startDeploy({ version: '8.99.99' });
    expect(await untilEnded(arn)).toMatchObject({ status: 'FAILED', error: 'ReleaseNotFound' });
    const record = await untilCleanedUp(arn);
    expect(record).toMatchObject({ status: 'FAILED', rolledBack: false, outcome: 'No target was touched.', cleanUp: { attempt: 1 } });
    await expectAsBefore();
  });
});

describe('a deploy whose clean-up has failed for the last time', () => {
  it('is left to the operator, until it has a report', async () => {
    const { records } = await cloud();
    const deployId = await openDeploy('given-up');
    try {
      expect(await reconcile()).toMatchObject({ started: [], givenUp: [deployId] });
    } finally {
      await records.finishDeploy('web', deployId, { status: 'FAILED', finishedAtMs: Date.now() });
    }
    expect(await reconcile()).toMatchObject({ started: [], givenUp: [] });
    expect((await records.getLock('web'))?.openDeploys ?? new Set()).not.toContain(deployId);
  });
});

/** The request of a step that was started now and runs later. */
async function staleDeploy(executionArn: string): Promise<{ deploy: DeployContext; lease: Lease }> {
  const record = (await recordOf(executionArn)) as DeployRecord;
  const lock = await (await cloud()).records.getLock('web');
  const { deployId, fleet, to: version, startedAtMs, requestedBy, settings } = record;
  return {
    deploy: {
      deployId,
      executionArn,
      fleet,
      version,
      startedAtMs,
      requestedBy,
      recover: false,
      settings: settings as DeployContext['settings'],
    },
    lease: { fencingToken: lock?.fencingToken as number, expiresAtMs: lock?.expiresAtMs as number },
  };
}
