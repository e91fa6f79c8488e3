/** An alarm starts a runbook, which reports: the whole way, once. Each function does its part of what that way has no use for. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeReplicationGroupsCommand, ModifyReplicationGroupCommand } from '@aws-sdk/client-elasticache';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doMitigation } from '../../cli/incidents/do-mitigation.ts';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import { MITIGATIONS } from '../../functions/incidents/contract/mitigations.ts';
import type { OpenReply } from '../../functions/incidents/contract/steps.ts';
import type { Tended } from '../../functions/incidents/tend/tend.ts';
import { releasesBucketName, storeAlarmName, targetGroupName } from '../../functions/shared/naming.ts';
import { recordingOutput } from '../../lab/demo/recording-output.ts';
import { until } from '../until.ts';
import { withFault } from './faults.ts';
import { cloud, elastiCache, elb, kept, untilHealthy } from './fleet.ts';
import { askIncidents, destroyParts, type MadeUp, openMadeUp, openUnstarted, records } from './incident-parts.ts';
import { stickinessOf } from './incident-runs.ts';

const AlarmName = storeAlarmName('holdfast', 'memory-percent');
const client = { region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials };
const cloudWatch = new CloudWatchClient(client);
const s3 = new S3Client({ ...client, forcePathStyle: true });
const Bucket = releasesBucketName('holdfast', '000000000000', kept.region);
const setState = (StateValue: 'ALARM' | 'OK') =>
  cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'a test' }));
const read = async (Key: string) => (await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString()) ?? '';
const statusOf = async (executionArn: string) =>
  (await (await cloud()).stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status;

/** A store that is being modified is left alone. */
const availableStore = () =>
  until(async () => {
    const { ReplicationGroups = [] } = await elastiCache.send(new DescribeReplicationGroupsCommand({}));
    return ReplicationGroups[0]?.Status === 'available' ? ReplicationGroups[0] : undefined;
  }, 'the store is available');

afterAll(async () => {
  await setState('OK');
  destroyParts();
  for (const one of [cloudWatch, s3]) one.destroy();
});

it('an alarm that fires twice starts one runbook, whose report names its evidence by its hash', async () => {
  const before = Date.now();
  const incident: IncidentRecord = await withFault(
    // EventBridge delivers at least once.
    { on: 'event', match: { source: 'aws.cloudwatch', resource: `*${AlarmName}` }, when: { first: 1 }, effect: { kind: 'twice' } },
    async () => {
      await setState('ALARM');
      return until(
        async () => {
          const found = await records.latestIncidents(5);
          return found.find(({ openedAtMs, report, running }) => openedAtMs >= before - 1_000 && report && !running);
        },
        'the report of the incident',
        100_000,
      );
    },
  );
  expect(incident).toMatchObject({ runbook: 'session-explosion', runs: 1, stage: 'watching' });
  // CloudWatch can have evaluated it again meanwhile, and found it OK.
  expect(incident.signs.filter(({ state }) => state === 'ALARM')).toHaveLength(1);
  expect(incident.unsent).toBeUndefined();
  expect(incident.troubles).toBeUndefined();
  const { report } = incident as Required<IncidentRecord>;
  const evidence = await read(report.evidenceKey);
  expect(createHash('sha256').update(evidence).digest('hex')).toBe(report.evidenceSha256);
  expect(Object.keys(JSON.parse(evidence).sources)).toContain('deploys');
  expect(await read(report.markdownKey)).toContain(incident.incidentId);
  const status = () => statusOf(incident.executionArn ?? '');
  // It asks once after its report whether anything bridges an outage.
  await until(async () => (await status()) !== 'RUNNING', 'the end of the execution');
  expect(await status()).toBe('SUCCEEDED');
});

describe('a function that is asked about a made-up incident', () => {
  let made: MadeUp;
  beforeAll(async () => {
    await untilHealthy(3);
    await until(async () => (await (await cloud()).records.getLock('web'))?.deployId === undefined, 'the lock is free');
    made = await openMadeUp('web');
  });
  afterAll(async () => {
    await made?.forget();
  });

  it('collects with a key that it makes, and with one that is there', async () => {
    expect([await made.collectFirst('collect-store', 'store'), await made.collectFirst('collect', 'deploys')]).toEqual([
      undefined,
      undefined,
    ]);
    const gaps = await made.collect(['servers', 'storeGroup', 'sweeps', 'balancer']);
    expect(gaps).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('plans every mitigation: its exact calls, or one sentence why not', async () => {
    const planned = await made.planAll();
    for (const name of MITIGATIONS) {
      const { state, calls = [], detail } = planned[name] ?? {};
      expect([name, state, detail]).toEqual([name, calls.length > 0 ? 'observed' : 'refused', expect.stringMatching(/^\S.+[^.]$/)]);
    }
    expect(planned['sweep-now']?.calls).not.toEqual([]);
    expect(planned['restore-stickiness']?.detail).toContain('keeps its sessions in the store');
    expect(planned['promote-replica']?.detail).toContain('automatic failover');
    // By what the servers report of their readiness.
    expect(planned['re-login-page']?.detail).toMatch(/^0 of [3-9] servers of fleet web are known to be cut off/);
  });

  it('shows the page and removes it', async () => {
    const [{ TargetGroupArn: targetGroupArn, LoadBalancerArns: [LoadBalancerArn] = [] } = {}] = await targetGroups();
    const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
    // A plan names those that forward to the fleet: before what another one does, no page is shown.
    const forwarding = Listeners.filter(({ DefaultActions = [] }) => DefaultActions.some(({ Type }) => Type === 'forward'));
    const pages = forwarding.map(({ ListenerArn: listenerArn }) => ({
      listenerArn,
      priority: 49_000,
      hosts: [],
      paths: ['/nobody-asks-for-it'],
    }));
    await made.plant('re-login-page', { targetGroupArn, pages }, 'acting');
    expect(await made.ask('re-login-page', 'act', 'verify')).toEqual(['DONE', 'DONE']);
    expect([await pagesOf(made.incidentId), pages.length > 0]).toEqual([pages.map(() => expect.stringContaining(':listener-rule/')), true]);
    expect(await made.ask('re-login-page', 'undo')).toEqual(['DONE']);
    expect(await pagesOf(made.incidentId)).toEqual([]);
  });

  it('sets the stickiness of a plan, and sets it back', async () => {
    const [{ TargetGroupArn: targetGroupArn } = {}] = await targetGroups();
    const key = 'stickiness.enabled';
    await made.plant('restore-stickiness', { targetGroupArn, to: { [key]: 'true' }, from: { [key]: 'false' } });
    const stickiness = stickinessOf('web');
    expect(await made.ask('restore-stickiness', 'act', 'verify')).toEqual(['DONE', 'DONE']);
    expect(await stickiness.isOn()).toBe(true);
    expect(await made.ask('restore-stickiness', 'undo')).toEqual(['DONE']);
    expect(await stickiness.isOn()).toBe(false);
  });

  it('promotes no replica while the primary answers', async () => {
    const { ReplicationGroupId } = await availableStore();
    const setFailover = async (isOn: boolean) => {
      const change = { AutomaticFailoverEnabled: isOn, MultiAZEnabled: isOn, ApplyImmediately: true };
      await elastiCache.send(new ModifyReplicationGroupCommand({ ReplicationGroupId, ...change }));
      await availableStore();
    };
    await setFailover(false);
    try {
      await made.plant('promote-replica', { clusterId: 'none', from: 'none' });
      expect(await made.ask('promote-replica', 'act')).toEqual(['SKIP']);
    } finally {
      await setFailover(true);
    }
    const detail = expect.stringContaining('has a primary that answers');
    expect(await made.mitigationOf('promote-replica')).toMatchObject({ state: 'refused', detail });
  });

  it('refuses to stop a deploy that is no more', async () => {
    const { records: deploys } = await cloud();
    const before = await deploys.latestDeploys('web', 50);
    // Other scenarios have deploys on record that no execution ever was: a start under such a name would be a restart.
    const ended = await Promise.all(before.map((one) => statusOf(one.executionArn).catch(() => undefined)));
    const { deployId = '', executionArn = '' } = before.find((_, at) => ended[at] === 'SUCCEEDED') ?? {};
    expect(deployId).not.toBe('');
    await made.plant('stop-deploy', { fleet: 'web', deployId: 'none', executionArn: executionArn.replace(deployId, 'none') });
    expect(await made.ask('stop-deploy', 'act', 'verify', 'undo')).toEqual(['SKIP', 'SKIP', 'SKIP']);
    expect(await made.mitigationOf('stop-deploy')).toMatchObject({ state: 'refused', detail: expect.stringContaining('had ended') });
    expect(await deploys.latestDeploys('web', 50)).toEqual(before);
  });

  it('has what a person asks for carried out by the runbook, and refuses to end what nothing can undo', async () => {
    const key = 'sweep-now' as const;
    expect(await made.ask(key, 'plan')).toEqual(['DONE']);
    await records.moveMitigation(made.incidentId, key, ['planned'], { state: 'observed' });
    const asked = { id: made.incidentId, mitigation: key } as const;
    // The runbook of this incident is at work, as far as its record says.
    await expect(doMitigation({ ...asked, what: 'do' }, {}, recordingOutput().output)).rejects.toMatchObject({ code: 'RunbookAtWork' });
    await expect(doMitigation({ ...asked, what: 'end' }, {}, recordingOutput().output)).rejects.toMatchObject({ code: 'NothingToEnd' });
  });

  it('starts what was never started, ends what a runbook left that is no more, and sends its report', async () => {
    const unstarted = await openUnstarted('web');
    const dry = { step: 'open', executionArn: `${made.run.executionArn}-dry`, startTime: new Date().toISOString() };
    const opened = await askIncidents<OpenReply>('control', { ...dry, input: { runbook: 'store-failure', dryRun: true } });
    expect(opened.verdict).toBe('DONE');
    await records.moveMitigation(made.incidentId, 're-login-page', ['undone'], { state: 'done', overSinceMs: 1 });
    await made.announce();
    // The schedule may come first.
    await askIncidents<Tended>('tend', { step: 'tend' });
    const left = await records.getIncident(made.incidentId);
    expect(left).toMatchObject({ stage: 'watching', troubles: [expect.stringContaining('the runbook ended as gone')] });
    expect(left?.unsent).toBeUndefined();
    expect((await records.pointers()).filter(({ dryRun }) => dryRun)).toEqual([]);
    // A page stays until its witnesses have found the store well for a minute, and its incident is open as long.
    const isClosed = async () => {
      await records.change(made.incidentId, { quietSinceMs: 1 });
      await askIncidents<Tended>('tend', { step: 'tend' });
      return (await records.getIncident(made.incidentId))?.stage === 'closed' || sleep(5_000, false);
    };
    await until(isClosed, 'its end', 150_000);
    expect(await records.getIncident(made.incidentId)).toMatchObject({
      stage: 'closed',
      // The collector may have read the store meanwhile.
      mitigations: { 're-login-page': { state: 'ended', detail: expect.stringMatching(/^the (incident is over|store is well again)$/) } },
    });
    await until(async () => (await statusOf(unstarted.executionArn)) === 'SUCCEEDED', 'the end of what was started');
    await unstarted.forget();
  });
});

const targetGroups = async () =>
  (await elb.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName('holdfast', 'web')] }))).TargetGroups ?? [];

/** ARNs of the rules that show an incident's page. */
async function pagesOf(incidentId: string): Promise<readonly string[]> {
  const [{ LoadBalancerArns: [LoadBalancerArn] = [] } = {}] = await targetGroups();
  const { Listeners = [] } = await elb.send(new DescribeListenersCommand({ LoadBalancerArn }));
  const onEach = await Promise.all(Listeners.map(({ ListenerArn }) => elb.send(new DescribeRulesCommand({ ListenerArn }))));
  const Rules = onEach.flatMap((one) => one.Rules ?? []);
  const { TagDescriptions = [] } = await elb.send(new DescribeTagsCommand({ ResourceArns: Rules.map(({ RuleArn = '' }) => RuleArn) }));
  return TagDescriptions.flatMap(({ ResourceArn = '', Tags = [] }) =>
    Tags.some(({ Value }) => Value === incidentId) ? [ResourceArn] : [],
  );
}
