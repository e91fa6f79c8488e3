/** The faults' ports onto a local cloud that is up; no other cloud has any. */

import path from 'node:path';
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Cloud } from '../../../cli/cloud.ts';
import type { CloudState } from '../../../cli/cloud-state.ts';
import type { DeployCloud } from '../../../cli/deploy/deploy.ts';
import { assertLocalAccount } from '../../../cli/local-account.ts';
import { autoScalingGroupName, replicationGroupId, targetGroupName } from '../../../functions/shared/naming.ts';
import { joinLedger } from '../../processes/process-ledger.ts';
import { cloudDeploys, deployChanger } from './changes/deploy.ts';
import { maxMemoryChanger } from './changes/max-memory.ts';
import { plainListenerChanger } from './changes/plain-listener.ts';
import { environmentChanger, type Servers, serversBySsm } from './changes/server-environment.ts';
import { stickinessChanger, stickyTargetGroup } from './changes/stickiness.ts';
import { type StoreAdmin, storeAdmin } from './changes/store-admin.ts';
import { singleNodeChanger, storeMembers, storeNodes, storeReader } from './changes/store-group.ts';
import { sessionsChanger, storeKeysChanger } from './changes/store-keys.ts';
import { killChanger, pauseChanger } from './changes/store-processes.ts';
import { visitorsChanger } from './changes/visitors.ts';
import { CannotSet, type Visit } from './contract.ts';
import { faultFile } from './fault-file.ts';
import type { FaultPorts } from './inject.ts';
import { readCountStatus, runsNodeExample } from './read-application.ts';

/** @throws NotLocal when the endpoint is not this machine's local cloud, CannotSet before its load balancer serves */
export async function localFaultPorts(cloud: DeployCloud, state: CloudState): Promise<FaultPorts> {
  if (!cloud.local) throw new CannotSet(`faults are for the local cloud alone, and this is account ${cloud.account}; nothing was changed`);
  await assertLocalAccount(state);
  const { loadBalancerUrl, listeners = {}, caFile, runFolder } = state;
  if (loadBalancerUrl === undefined)
    throw new CannotSet('the local cloud has no load balancer yet; nothing was changed: try again when it is up');
  const { client, installation, fleet } = cloud;
  const ledger = joinLedger(runFolder);
  const elastiCache = new ElastiCacheClient(client);
  const groupId = replicationGroupId(installation);
  const nodes = storeNodes(elastiCache, groupId, ledger);
  const elb = new ElasticLoadBalancingV2Client(client);
  const targetGroup = stickyTargetGroup(elb, targetGroupName(installation, fleet));
  const members = storeMembers(elastiCache, groupId);
  const admin = localStoreAdmin(cloud, state);
  const plainUrl = Object.values(listeners).find((url) => url.startsWith('http:'));
  const urlOf = (visit: Visit): string => {
    if (visit === 'by-http' && plainUrl === undefined) throw new CannotSet('the load balancer has no HTTP listener; nothing was changed');
    return visit === 'by-http' && plainUrl !== undefined ? plainUrl : loadBalancerUrl;
  };
  return {
    file: faultFile(runFolder),
    fleet,
    now: Date.now,
    lock: () => cloud.records.getLock(fleet),
    abilities: async () => {
      const servers = await runningServers(new AutoScalingClient(client), cloud)();
      return {
        sticky: (await targetGroup.read(await targetGroup.arn()))['stickiness.enabled'] === 'true',
        plainListener: plainUrl !== undefined,
        groupServers: servers.length > 0,
        nodeExample: await runsNodeExample(runFolder, servers),
        countStatus: await readCountStatus(loadBalancerUrl, caFile),
      };
    },
    changers: {
      environment: environmentChanger(localServers(cloud), storeReader(elastiCache, groupId)),
      stickiness: stickinessChanger(targetGroup),
      pauseStore: pauseChanger(nodes),
      killPrimary: killChanger(nodes),
      singleNode: singleNodeChanger(elastiCache, groupId),
      storeKeys: storeKeysChanger(admin),
      sessions: sessionsChanger(admin),
      maxMemory: maxMemoryChanger(admin, members),
      deploy: deployChanger(cloudDeploys(cloud), fleet),
      plainListener: plainListenerChanger(elb, targetGroupName(installation, fleet)),
      visitors: visitorsChanger(urlOf, caFile, ledger),
    },
  };
}

/** The fleet's servers, where Run Command runs scripts. */
export const localServers = (cloud: Cloud): Servers =>
  serversBySsm(new SSMClient(cloud.client), runningServers(new AutoScalingClient(cloud.client), cloud));

/** The inside of the store's nodes. */
export function localStoreAdmin({ client, installation }: Cloud, { runFolder }: CloudState): StoreAdmin {
  const groupId = replicationGroupId(installation);
  return storeAdmin(path.join(runFolder, 'elasticache', groupId), storeMembers(new ElastiCacheClient(client), groupId));
}

const runningServers =
  (client: AutoScalingClient, { installation, fleet }: Cloud) =>
  async (): Promise<readonly string[]> => {
    const AutoScalingGroupNames = [autoScalingGroupName(installation, fleet)];
    const { AutoScalingGroups } = await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames }));
    const inService = (AutoScalingGroups?.[0]?.Instances ?? []).filter(({ LifecycleState }) => LifecycleState === 'InService');
    return inService.map(({ InstanceId }) => InstanceId as string).sort();
  };
