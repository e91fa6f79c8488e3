/** A first day, played before any release is deployed: what users get meanwhile, and a first deploy that fails. */

import { readFile } from 'node:fs/promises';
import https from 'node:https';
import path from 'node:path';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand, SetDesiredCapacityCommand } from '@aws-sdk/client-auto-scaling';
import { CloudWatchClient, DescribeAlarmHistoryCommand } from '@aws-sdk/client-cloudwatch';
import type { Cloud } from '../../cli/cloud.ts';
import type { DeployOutcome } from '../../cli/deploy/follow-deploy.ts';
import { connectPublisher, publishRelease } from '../../cli/releases/connect-publisher.ts';
import type { DeployRecord } from '../../functions/records/types.ts';
import { autoScalingGroupName } from '../../functions/shared/naming.ts';
import type { BringUpOptions } from '../../lab/demo/bring-up.ts';
import { deployRelease } from '../../lab/demo/deploy-release.ts';
import { writeFailsLater } from './fails-later.ts';

/** One answer of the load balancer. */
export interface Answer {
  readonly status: number;
  readonly cacheControl: string | undefined;
  readonly body: string;
}

/** What was seen on the first day, as plain data: the scenarios run in other processes. */
export interface FirstDay {
  /** Names of alarms that had gone into ALARM when `cdk deploy` had ended. */
  readonly firedAfterCdk: readonly string[];
  /** The fleet's record once a release was published and none deployed. */
  readonly currentAfterPublish: string | undefined;
  /** States of the group's instances when `cdk deploy` had ended. */
  readonly statesAfterCdk: readonly string[];
  readonly page: Answer;
  readonly health: Answer;
  readonly failed: DeployOutcome;
  readonly failedRecord: DeployRecord | undefined;
  readonly currentAfterFailure: string | undefined;
  readonly pageAfterFailure: readonly Answer[];
  readonly serversBefore: readonly string[];
}

type Installation = Parameters<NonNullable<BringUpOptions['beforeFirstDeploy']>>[0];

const FAILING = '0.9.0';

export async function playFirstDay({ cloud, loadBalancerUrl, daemon }: Installation): Promise<FirstDay> {
  const { records, fleet } = cloud;
  const { caFile, runFolder } = daemon.state;
  const ca = await readFile(caFile, 'utf8');
  const current = async () => (await records.getFleet(fleet))?.currentVersion;
  const group = groupOf(cloud);
  const before = await group.instances();
  const [firedAfterCdk, currentAfterPublish, page, health] = await Promise.all([
    findFired(cloud),
    current(),
    ask(loadBalancerUrl, '/count', ca),
    ask(loadBalancerUrl, '/live', ca),
  ]);

  const folder = await writeFailsLater(path.join(runFolder, 'fails-later', FAILING), path.join(runFolder, `marks-${FAILING}`), 'crash');
  const publisher = connectPublisher(cloud);
  const request = { publisher, version: FAILING, path: folder, workFolder: path.join(runFolder, 'release-work') };
  await publishRelease(request).finally(() => publisher.close());
  const failed = await deployRelease(cloud, FAILING, () => {});
  const failedRecord = await records.getDeploy(fleet, failed.executionArn.split(':').at(-1) as string);
  const pageAfterFailure = await Promise.all([1, 2, 3, 4, 5, 6].map(() => ask(loadBalancerUrl, '/count', ca)));

  // Comes in the middle of the first deploy that succeeds.
  await group.resize(before.length + 1);
  group.close();
  return {
    firedAfterCdk,
    currentAfterPublish,
    statesAfterCdk: before.map(({ state }) => state),
    page,
    health,
    failed,
    failedRecord,
    currentAfterFailure: await current(),
    pageAfterFailure,
    serversBefore: before.map(({ id }) => id),
  };
}

/** Takes the server away again that came meanwhile: it drains while the first scenarios run, and the others wait for three servers. */
export async function endFirstDay(cloud: Cloud, { serversBefore }: FirstDay): Promise<void> {
  const group = groupOf(cloud);
  await group.resize(serversBefore.length);
  group.close();
}

/** Names of the alarms that have ever been in ALARM. */
async function findFired({ client }: Cloud): Promise<readonly string[]> {
  const cloudWatch = new CloudWatchClient(client);
  const { AlarmHistoryItems = [] } = await cloudWatch.send(new DescribeAlarmHistoryCommand({ HistoryItemType: 'StateUpdate' }));
  cloudWatch.destroy();
  // Every alarm has come out of INSUFFICIENT_DATA, but for the one that waits for its readings.
  if (AlarmHistoryItems.length === 0) throw new Error('no alarm has changed its state');
  return AlarmHistoryItems.flatMap(({ AlarmName = '', HistorySummary = '' }) => (HistorySummary.endsWith(' to ALARM') ? [AlarmName] : []));
}

function groupOf({ client, installation, fleet }: Cloud) {
  const autoScaling = new AutoScalingClient(client);
  const AutoScalingGroupName = autoScalingGroupName(installation, fleet);
  return {
    async instances() {
      const { AutoScalingGroups } = await autoScaling.send(
        new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [AutoScalingGroupName] }),
      );
      return (AutoScalingGroups?.[0]?.Instances ?? []).map(({ InstanceId = '', LifecycleState = '' }) => ({
        id: InstanceId,
        state: LifecycleState,
      }));
    },
    resize: (DesiredCapacity: number) => autoScaling.send(new SetDesiredCapacityCommand({ AutoScalingGroupName, DesiredCapacity })),
    close: () => autoScaling.destroy(),
  };
}

function ask(url: string, route: string, ca: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.get(new URL(route, url), { ca, timeout: 60_000, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          cacheControl: response.headers['cache-control'],
          body: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.on('timeout', () => request.destroy(new Error(`${route} was not answered within 5 s`)));
    request.on('error', reject);
  });
}
