/** The faults' ports onto a local cloud that is up; no other cloud has any. */
import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ElastiCacheClient } from '@aws-sdk/client-elasticache';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { Cloud } from '../../cli/cloud.ts';
import type { CloudState } from '../../cli/cloud-state.ts';
import { assertLocalAccount } from '../../cli/local-account.ts';
import { autoScalingGroupName, replicationGroupId, targetGroupName } from '../../functions/shared/naming.ts';
import { joinLedger } from '../aws/processes/process-ledger.ts';
import { environmentChanger, serversBySsm } from './changes/server-environment.ts';
import { stickinessChanger, stickyTargetGroup } from './changes/stickiness.ts';
import { singleNodeChanger, storeNodes } from './changes/store-group.ts';
import { killChanger, pauseChanger } from './changes/store-processes.ts';
import { visitorsChanger } from './changes/visitors.ts';
import { CannotSet } from './contract.ts';
import { faultFile } from './fault-file.ts';
import type { FaultPorts } from './inject.ts';

/** @throws NotLocal when the endpoint is not this machine's local cloud, CannotSet before its load balancer serves */
export async function localFaultPorts(cloud: Cloud, state: CloudState): Promise<FaultPorts> {
  if (!cloud.local) throw new CannotSet(`faults are for the local cloud alone, and this is account ${cloud.account}; nothing was changed`);
  await assertLocalAccount(state);
  const { loadBalancerUrl, caFile, runFolder } = state;
  if (loadBalancerUrl === undefined)
    throw new CannotSet('the local cloud has no load balancer yet; nothing was changed: try again when it is up');
  const { client, installation, fleet } = cloud;
  const ledger = joinLedger(runFolder);
  const elastiCache = new ElastiCacheClient(client);
  const groupId = replicationGroupId(installation);
  const nodes = storeNodes(elastiCache, groupId, ledger);
  const targetGroup = stickyTargetGroup(new ElasticLoadBalancingV2Client(client), targetGroupName(installation, fleet));
  return {
    file: faultFile(runFolder),
    fleet,
    now: Date.now,
    isSticky: async () => (await targetGroup.read(await targetGroup.arn()))['stickiness.enabled'] === 'true',
    changers: {
      environment: environmentChanger(serversBySsm(new SSMClient(client), runningServers(new AutoScalingClient(client), cloud))),
      stickiness: stickinessChanger(targetGroup),
      pauseStore: pauseChanger(nodes),
      killPrimary: killChanger(nodes),
      singleNode: singleNodeChanger(elastiCache, groupId),
      visitors: visitorsChanger(loadBalancerUrl, caFile, ledger),
    },
  };
}

const runningServers =
  (client: AutoScalingClient, { installation, fleet }: Cloud) =>
  async (): Promise<readonly string[]> => {
    const AutoScalingGroupNames = [autoScalingGroupName(installation, fleet)];
    const { AutoScalingGroups } = await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames }));
    const inService = (AutoScalingGroups?.[0]?.Instances ?? []).filter(({ LifecycleState }) => LifecycleState === 'InService');
    return inService.map(({ InstanceId }) => InstanceId as string).sort();
  };
