/** Runs the cases of one cloud, one after the other, under steady traffic. */

import { readCloudState } from '../../../cli/cloud-state.ts';
import { openStores } from '../../../cli/open-stores.ts';
import { type BringUpOptions, bringUp, NEXT_VERSION } from '../../demo/bring-up.ts';
import { faultControl } from '../../demo/fault-control.ts';
import { localFaultPorts, localServers, localStoreAdmin } from '../../demo/incident-faults/local-ports.ts';
import { startTraffic, type Traffic } from '../../demo/traffic/client.ts';
import { LOGGED_OUT_PERCENT, THINK_TIME_MS, USERS, USUAL_PER_MINUTE } from './alarms.ts';
import { keepUsualLogs } from './begin-logs.ts';
import type { BenchCase, CloudKind } from './cases.ts';
import { takeReading } from './collector.ts';
import { endEvidence } from './end-evidence.ts';
import { type CaseResult, describeResult } from './judge.ts';
import { runCase } from './run-case.ts';
import { accessLogValveTomcat } from './tomcat-app.ts';

/** What can be undone is carried out, where the finding is likely after a yes of the benchmark's. The others are only named. */
const MITIGATIONS = { 'restore-stickiness': 'auto' } as const;

/**
 * A tenth of these in real seconds. Faults restart the application on servers, which takes two seconds, and several times that where
 * three clouds share two cores: Auto Scaling must not replace the server meanwhile, or the fault is gone with it.
 */
const HEALTH_CHECKS = { healthCheckIntervalSeconds: 30, healthCheckTimeoutSeconds: 20, unhealthyThreshold: 10 };

/** What each cloud has besides what all have. */
const OF_CLOUD: Readonly<Record<CloudKind, Pick<BringUpOptions, 'app'> & { readonly strategy: 'redis' | 'sticky' }>> = {
  redis: { strategy: 'redis' },
  sticky: { strategy: 'sticky' },
  tomcat: { strategy: 'sticky', app: 'tomcat' },
  'access-log-valve': { strategy: 'sticky', app: accessLogValveTomcat },
};

export interface RunOptions {
  readonly record?: string;
  readonly pages?: string;
  readonly log: (line: string) => void;
  readonly onResult: (result: CaseResult) => void;
}

export async function runCases(kind: CloudKind, cases: readonly BenchCase[], { record, pages, log, onResult }: RunOptions): Promise<void> {
  log(`the cloud ${kind}, with ${cases.length} cases: ${cases.map(({ name }) => name).join(', ')}`);
  const { app, strategy } = OF_CLOUD[kind];
  const {
    daemon,
    cloud: deployed,
    loadBalancerUrl,
    publish,
  } = await bringUp({
    ...{ fleet: 'web', realTime: false, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0, log },
    ...(app !== undefined && { app }),
    // Two servers, of which a deploy takes one out of service.
    server: {
      ...{ strategy, ...HEALTH_CHECKS, minCapacity: 2 },
      deploy: { minimumHealthyTargets: 1 },
      incidents: { loggedOutPercent: LOGGED_OUT_PERCENT },
    },
    incidents: { mitigations: MITIGATIONS, mitigationsPerHour: 20 },
  });
  const end = () => void daemon.stop().then(() => process.exit(130));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const state = await readCloudState();
    if (!state) throw new Error('the local cloud has ended');
    const cloud = openStores(deployed, 'records', 'incidents', 'store', 's3', 'stepFunctions');
    const ports = await localFaultPorts(cloud, state);
    const start = () => startTraffic({ url: loadBalancerUrl, caFile: state.caFile, users: USERS, thinkTimeMs: THINK_TIME_MS });
    const users = pausable(start);
    try {
      await users.goOn();
      if (cases.some(({ faults }) => faults.includes('deploy-in-progress'))) await publish(NEXT_VERSION);
      await takeReading(cloud);
      const replicas = (await cloud.store.getStore())?.reading.replicas ?? 0;
      const bench = {
        ...{ cloud, control: faultControl(state), servers: localServers(cloud), admin: localStoreAdmin(cloud, state), replicas },
        requestsPerMinute: USUAL_PER_MINUTE,
      };
      await keepUsualLogs(bench.servers);
      await endEvidence(bench);
      log('everything is as usual: the first case begins');
      for (const one of cases) {
        const result = await runCase(one, {
          ...{ ...bench, ports, users, log },
          ...(record !== undefined && { record }),
          ...(pages !== undefined && { pages }),
        });
        log(describeResult(result));
        onResult(result);
      }
    } finally {
      await users.pause().catch(() => {});
    }
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    await daemon.stop();
  }
}

/** Traffic that a case can pause: its users log in again when they go on. */
function pausable(start: () => Traffic) {
  let traffic: Traffic | undefined;
  return {
    async pause() {
      await traffic?.stop();
      traffic = undefined;
    },
    async goOn() {
      traffic ??= start();
      await traffic.ready;
    },
  };
}
