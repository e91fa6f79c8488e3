import { recordKeys } from '../../../functions/records/keys.ts';
import type { FleetRecord, InstanceRecord, LockRecord } from '../../../functions/records/types.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { View } from '../predicates/view.ts';
import type { FaultLog } from './fault-log.ts';
import { readDeploys, readRecord, readRecords, type World } from './world.ts';

/** What predicates see of a world. @param suspendedByOthers before the run, and by its operator */
export function viewWorld(
  kernel: Kernel,
  world: World,
  log: FaultLog,
  suspendedByOthers: readonly string[] = [],
): Omit<View, 'isUndisturbed' | 'hasCampaign'> {
  const { dynamoDb, servers, loadBalancer, autoScaling, installation, releases } = world;
  const { fleet } = installation;
  const deploys = () => readDeploys(dynamoDb, fleet);
  const hurts: View['hurts'] = (version) => releases.list().find((one) => one.version === version)?.behaviour.hurts;
  return {
    now: () => kernel.now(),
    lock: () => readRecord<LockRecord>(dynamoDb, recordKeys.lock(fleet)),
    fleetRecord: () => readRecord<FleetRecord>(dynamoDb, recordKeys.fleet(fleet)),
    deploys,
    instanceRecords: () => readRecords<InstanceRecord>(dynamoDb, recordKeys.instance(fleet, '')),
    members: () =>
      [...autoScaling.group.members.values()].map(({ instanceId, state, availabilityZone }) => ({
        instanceId,
        lifecycleState: state,
        ...(!installation.prepares && { zone: availabilityZone }),
      })),
    suspended: () => [...autoScaling.group.suspended.keys()],
    healthOf: (instanceId) => loadBalancer.stateOf(instanceId),
    registered: () => loadBalancer.registered(),
    pinned: () => loadBalancer.pinned(),
    isDrainGroup: (arn) => arn !== undefined && arn === loadBalancer.drainGroupArn,
    waitsForSessions: () => installation.drain !== undefined,
    followsReset: () => loadBalancer.followsReset(),
    remembers: (instanceId, sessionId) => servers.find(instanceId)?.application?.memory?.has(sessionId) ?? false,
    installed: (instanceId) => {
      const machine = servers.find(instanceId);
      if (machine === undefined) return undefined;
      // Scripts of single events and adoptions change nothing.
      const { complete, installed, listed } = machine.bundles;
      const isWhole = installation.bundles && (complete || (installed === 'none' && listed.length === 0));
      return machine.installer !== undefined && !isWhole ? undefined : machine.disk.current;
    },
    bundle(instanceId) {
      const machine = installation.bundles ? servers.find(instanceId) : undefined;
      return machine && { ...machine.bundles, running: machine.application?.version };
    },
    bundleOf: (version) => releases.list().find((release) => release.version === version)?.bundle,
    permitsBundles: () => installation.bundles,
    staged: (instanceId) => [...(servers.find(instanceId)?.disk.assets ?? [])],
    deregistrationDelayMs: () => installation.targetGroup.deregistrationDelaySeconds * 1000,
    isUp: (instanceId) => {
      const found = servers.checkHealth(instanceId);
      return found.kind === 'answered' && found.status === 200;
    },
    hurts,
    countHurt(instanceId, version, fromMs, untilMs) {
      const kind = hurts(version);
      return kind === undefined ? 0 : (servers.find(instanceId)?.accessLog.countMet(kind, fromMs, untilMs) ?? 0);
    },
    offersCounts: (version) => world.releases.list().some((release) => release.version === version && release.behaviour.offersCounts),
    badAt: (version) => {
      if (version === 'none' || !world.releases.list().some((release) => release.version === version)) return undefined;
      const { quality } = world.releases.get(version);
      return quality === 'good' ? undefined : quality;
    },
    runningExecutions: () => world.stepFunctions.running(),
    pendingCommands: () =>
      world.ssm.openCommands().map(({ record: { commandId, documentName }, listed }) => ({ commandId, documentName, listed })),
    suspendedByOthers: () => (log.ever('operator.resumed') ? [] : suspendedByOthers),
    wasResumedByOperator: () => log.ever('operator.resumed'),
    terminatesUndrained: () => log.ever('termination.undrained'),
    faultOnServer: (ms, instanceId) => log.onServer(kernel.now(), ms, instanceId),
    isLoadBalancerSlow: () => log.ever('loadBalancer.lag'),
    faultOnStore: (ms) => log.onStore(kernel.now(), ms),
  };
}
