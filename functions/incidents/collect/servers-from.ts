import { setTimeout as sleep } from 'node:timers/promises';
import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { recordsFrom } from '../../records/dynamo-records.ts';
import { describeZones } from '../../shared/aws/auto-scaling.ts';
import { createReadResponses, metricsFrom } from '../../shared/aws/balancer-metrics.ts';
import { CLIENT_OPTIONS } from '../../shared/aws/client-options.ts';
import { roleCredentials } from '../../shared/aws/environment-credentials.ts';
import { createFront } from '../../shared/aws/front.ts';
import { type SignedService, serviceUrl } from '../../shared/aws/signed/service-url.ts';
import { CALL_LIMITS, signedCalls } from '../../shared/aws/signed/signed-calls.ts';
import { signedCommands, ssmFrom } from '../../shared/aws/signed/signed-commands.ts';
import { describeTargetHealth } from '../../shared/aws/target-group.ts';
import { type Environment, required } from '../../shared/environment.ts';
import type { Collector } from '../contract/environment.ts';
import { READ_ACCESS_LOG, READ_LOGS, READ_LOGS_ENV } from '../contract/read-logs.ts';
import { createTraffic } from './collect-balancer.ts';
import { createServersCollector, MOST_SERVERS, withPlaces } from './collect-servers.ts';
import type { Fleets } from './fleets.ts';

/** The servers that are registered in a fleet's target group, by Systems Manager. @throws MissingEnvironment */
export function serversFrom(environment: Environment, fleets: Fleets, limitMs?: number): Collector<'servers'> {
  const loadBalancing = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const autoScaling = new AutoScalingClient(CLIENT_OPTIONS);
  const records = recordsFrom(environment);
  return createServersCollector({
    runCommand: signedCommands(ssmFrom(environment)),
    documentNames: {
      [READ_LOGS.document]: required(environment, READ_LOGS_ENV.document),
      [READ_ACCESS_LOG.document]: required(environment, READ_LOGS_ENV.accessDocument),
    },
    serversOf: async (name) => {
      const fleet = fleets[name];
      if (fleet === undefined) return [];
      const health = await describeTargetHealth(loadBalancing, fleet.targetGroupArn, fleet.members);
      const instanceIds = health.map(({ instanceId }) => instanceId);
      if (instanceIds.length <= MOST_SERVERS) return instanceIds.map((instanceId) => ({ instanceId }));
      const { autoScalingGroup } = fleet;
      return withPlaces(instanceIds, {
        zones: async () => (autoScalingGroup === undefined ? new Map() : describeZones(autoScaling, autoScalingGroup)),
        versions: async () => new Map((await records.getInstances(name)).map(({ instanceId, version }) => [instanceId, version])),
      });
    },
    contractOf: async (fleet, version) => (await records.getRelease(fleet, version))?.app,
    now: Date.now,
    pause: (ms) => sleep(ms),
    ...(limitMs !== undefined && { limitMs }),
  });
}

/** The load balancer's metrics. @throws MissingEnvironment */
export function trafficFrom(environment: Environment, fleets: Fleets): Collector<'traffic'> {
  const loadBalancing = new ElasticLoadBalancingV2Client(CLIENT_OPTIONS);
  const cloudWatch = metricsFrom(environment);
  return createTraffic({
    fleets,
    front: ({ targetGroupArn }) => createFront(loadBalancing, targetGroupArn),
    responses: (loadBalancerArn, targetGroupArn) => createReadResponses(cloudWatch, loadBalancerArn, targetGroupArn),
    now: Date.now,
  });
}

/** Signed calls of a service. @throws MissingEnvironment */
export function callsFrom(environment: Environment) {
  const region = required(environment, 'AWS_REGION');
  return (service: SignedService, limits = CALL_LIMITS) =>
    signedCalls({ service, region, url: serviceUrl(service, region, environment), credentials: roleCredentials(environment) }, limits);
}
