/** An installation of its own whose store fails, with users, and a health check that asks the store. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeAutoScalingGroupsCommand,
  ResumeProcessesCommand,
  SetInstanceHealthCommand,
  SuspendProcessesCommand,
} from '@aws-sdk/client-auto-scaling';
import { DescribeReplicationGroupsCommand } from '@aws-sdk/client-elasticache';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, expect } from 'vitest';
import { readCloudState } from '../../cli/cloud-state.ts';
import { readIncident } from '../../cli/incidents/incidents.ts';
import { LEAST_BETWEEN_MS } from '../../functions/collect/collect.ts';
import type { IncidentRecord } from '../../functions/incidents/contract/incident.ts';
import type { MitigationName } from '../../functions/incidents/contract/mitigations.ts';
import type { IncidentPage } from '../../functions/incidents/report/incident-page.ts';
import { autoScalingGroupName, replicationGroupId, storeAlarmName, storeFunctionName } from '../../functions/shared/naming.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import { NODE_EXAMPLE } from '../../lab/demo/app/examples.ts';
import { deployRelease } from '../../lab/demo/deploy-release.ts';
import { storeAdmin } from '../../lab/demo/incident-faults/changes/store-admin.ts';
import { storeMembers, storeNodes } from '../../lab/demo/incident-faults/changes/store-group.ts';
import { publishApp } from '../../lab/demo/publish-app.ts';
import { CookieJar } from '../../lab/demo/traffic/cookie-jar.ts';
import { httpSender } from '../../lab/demo/traffic/http-client.ts';
import { untilHealthy } from '../../lab/demo/wait-until-serving.ts';
import { joinLedger } from '../../lab/processes/process-ledger.ts';
import { until } from '../until.ts';
import { cdkFor, keptConfig } from './cdk.ts';
import { autoScaling, elastiCache, kept } from './fleet.ts';
import { incidentsOf, whoAsks } from './incident-runs.ts';
import { openCloud, type ScenarioCloud } from './open-cloud.ts';

export const SERVERS = 2;
/** Title of the page that users see during the outage. */
export const PAGE = 'Please wait a moment';
const signal = new AbortController().signal;

/** Some 50 s after the store, every server is unhealthy: local checks come ten times as often. */
const CHECKS = { healthPath: '/health', healthCheckIntervalSeconds: 50, healthCheckTimeoutSeconds: 20, unhealthyThreshold: 10 };

function configOf(installation: string): HoldfastConfig {
  const first = keptConfig();
  const web = first.fleets['web'] as HoldfastConfig['fleets'][string];
  const small = { minCapacity: SERVERS, maxCapacity: SERVERS + 1, deploy: { ...web.deploy, minimumHealthyTargets: 1 } };
  return {
    ...first,
    installation,
    store: { ...first.store, replicas: 1 } as HoldfastConfig['store'],
    incidents: {
      ...first.incidents,
      mitigations: { 're-login-page': 'auto' },
      mitigationsPerHour: 20,
    },
    fleets: { web: { ...web, ...CHECKS, ...small, incidents: { ...web.incidents, criticalActions: true } } },
  };
}

/** Deployed before the file's first test, and removed after the last one. */
export function outageOf(installation: string) {
  const groupId = replicationGroupId(installation);
  const incidents = incidentsOf(installation);
  const lambda = new LambdaClient({ region: kept.region, endpoint: kept.gatewayUrl, credentials: kept.credentials });
  const nodes = storeNodes(elastiCache, groupId, joinLedger(kept.runFolder));
  const admin = storeAdmin(path.join(kept.runFolder, 'elasticache', groupId), storeMembers(elastiCache, groupId));
  const stopped = new Set<number>();
  let cloud: ScenarioCloud;
  let url: string;
  let sender: ReturnType<typeof httpSender>;

  beforeAll(async () => {
    await cdkFor(installation, configOf(installation)).deploy();
    cloud = await openCloud({ installation, fleet: 'web' });
    const app = await NODE_EXAMPLE();
    await publishApp({ cloud, app, version: '1.0.0', runFolder: path.join(kept.runFolder, 'cdk', installation), signal });
    await untilHealthy(cloud, SERVERS, signal);
    expect(await deployRelease(cloud, '1.0.0', () => {}, signal)).toMatchObject({ status: 'SUCCEEDED' });
    url = (await readCloudState())?.listeners?.[`${installation}-web:443`] as string;
    sender = httpSender({ url, caFile: kept.caFile, connections: 8, requestTimeoutMs: 15_000 });
  }, 500_000);
  // A store that is silent is only likely to be down, so that a person decides: this one asks for all that is named.
  let person: ReturnType<typeof whoAsks> | undefined;
  beforeAll(() => {
    person = whoAsks(incidents.records, () => cloud);
  });
  afterAll(async () => {
    person?.leaves();
    for (const pid of stopped) resume(pid);
    sender?.close();
    await cdkFor(installation, configOf(installation)).destroy();
    incidents.destroy();
    lambda.destroy();
  }, 300_000);

  function pause(pid: number): void {
    process.kill(pid, 'SIGSTOP');
    stopped.add(pid);
  }
  function resume(pid: number): void {
    stopped.delete(pid);
    process.kill(pid, 'SIGCONT');
  }
  const suspension = {
    AutoScalingGroupName: autoScalingGroupName(installation, 'web'),
    ScalingProcesses: ['HealthCheck', 'ReplaceUnhealthy'],
  };
  const group = async (): Promise<{ readonly members: readonly string[]; readonly suspended: readonly string[] }> => {
    const { AutoScalingGroups } = await autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [suspension.AutoScalingGroupName] }),
    );
    const { Instances = [], SuspendedProcesses = [] } = AutoScalingGroups?.[0] ?? {};
    return {
      members: Instances.map(({ InstanceId }) => InstanceId as string).toSorted(),
      suspended: SuspendedProcesses.map(({ ProcessName }) => ProcessName as string).toSorted(),
    };
  };
  const read = async ({ incidentId }: IncidentRecord) => (await incidents.records.getIncident(incidentId)) as IncidentRecord;
  const pids = async (): Promise<readonly number[]> => (await nodes.processes()).map(({ pid }) => pid);

  return {
    incidents,
    cloud: (): ScenarioCloud => cloud,
    url: (): string => url,
    setAlarm: (state: 'ALARM' | 'OK') => incidents.setAlarm(storeAlarmName(installation, 'store-unreachable'), state),
    untilHealthy: () => untilHealthy(cloud, SERVERS, signal),
    incident: read,
    pageOf: async ({ incidentId }: IncidentRecord): Promise<IncidentPage> => (await readIncident(cloud, incidentId, Date.now())).page,

    /** The primary's process still runs, and answers nothing. */
    pausePrimary: async () => pause((await pids())[0] as number),
    pauseReplicas: async () => (await pids()).slice(1).forEach(pause),
    /** What is written from now on reaches no paused replica: without it, its socket would keep that for it. */
    breakLinks: async () => admin.on(await admin.primary(), (connection) => connection.command('CLIENT', 'KILL', 'TYPE', 'replica')),
    /** As a crash would. */
    async killPrimary(): Promise<void> {
      const [first] = await pids();
      process.kill(first as number, 'SIGKILL');
      stopped.delete(first as number);
    },
    resumeAll: () => [...stopped].forEach(resume),
    /** Once the mitigation is over. */
    untilOver: (incident: IncidentRecord, name: MitigationName, limitMs: number, meanwhile: () => Promise<unknown> = async () => {}) =>
      until(
        async () => {
          await meanwhile();
          const found = await read(incident);
          return !['done', 'undoing'].includes(found.mitigations[name]?.state ?? '') && found;
        },
        `the end of ${name}`,
        limitMs,
      ),
    async primary(): Promise<string | undefined> {
      const { ReplicationGroups } = await elastiCache.send(new DescribeReplicationGroupsCommand({ ReplicationGroupId: groupId }));
      return ReplicationGroups?.[0]?.NodeGroups?.[0]?.NodeGroupMembers?.find(({ CurrentRole }) => CurrentRole === 'primary')
        ?.CacheClusterId;
    },

    /** The collector's reading; false when it has failed. */
    async collect(): Promise<boolean> {
      // The schedule's own reading may have been taken just before.
      await sleep(LEAST_BETWEEN_MS);
      const FunctionName = `${storeFunctionName(installation, 'collect')}:live`;
      const { FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{"step":"collect"}' }));
      return FunctionError === undefined;
    },
    group,
    /** What the page prints for a person, before servers are unhealthy. */
    keepServers: () => autoScaling.send(new SuspendProcessesCommand(suspension)),
    /** And what it says of the end: Auto Scaling would replace at once what it still takes for unhealthy. */
    async giveServersBack(): Promise<void> {
      await untilHealthy(cloud, SERVERS, signal);
      for (const InstanceId of (await group()).members)
        await autoScaling.send(new SetInstanceHealthCommand({ InstanceId, HealthStatus: 'Healthy' }));
      await autoScaling.send(new ResumeProcessesCommand(suspension));
    },

    /** A browser of a user. */
    browser(user: string) {
      const jar = new CookieJar(true);
      const send = async (method: 'GET' | 'POST', to: string, body?: object) => {
        const cookie = jar.header(Date.now());
        const { answer, setCookie } = await sender.send({
          ...{ method, path: to },
          ...(body && { body: JSON.stringify(body) }),
          ...(cookie !== undefined && { cookie }),
        });
        jar.store(setCookie, Date.now());
        return answer.kind === 'answered' ? { status: answer.status, body: answer.body } : { status: 0, body: answer.kind };
      };
      return { send, logIn: () => send('POST', '/login', { user }) };
    },
  };
}
