/** Runs the cases of one kind of fleet in a local cloud of its own, one after the other, under steady traffic. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readCloudState } from '../../cli/cloud-state.ts';
import { waitUntil } from '../../local/aws/processes/wait.ts';
import { bringUp, NEXT_VERSION } from '../../local/bring-up.ts';
import { faultControl } from '../../local/fault-control.ts';
import { localFaultPorts } from '../../local/incident-faults/local-ports.ts';
import { startTraffic } from '../../local/traffic/client.ts';
import type { BenchCase, Strategy } from './cases.ts';
import { dateDeploys, LONG_AGO_MS } from './date-deploys.ts';
import { type CaseResult, describeResult, withMitigations } from './judge.ts';
import { plantBaseline } from './plant-baseline.ts';
import { runCase } from './run-case.ts';
import { settleMitigations } from './settle-mitigations.ts';

/** Until the collector has taken a reading with the planted window before it. */
const SERVING_BEFORE_MS = 65_000;
const READING_LIMIT_MS = 150_000;
/** What can be undone is carried out, where the finding is likely after a yes of the benchmark's. The others are only named. */
const MITIGATIONS = { 'restore-stickiness': 'auto', 'keep-servers': 'auto' } as const;
const USERS = 30;
const THINK_TIME_MS = 1_000;

export async function runCases(
  strategy: Strategy,
  cases: readonly BenchCase[],
  { record, log, onResult }: { record?: string; log: (line: string) => void; onResult: (result: CaseResult) => void },
): Promise<void> {
  log(`a fleet of strategy ${strategy}`);
  const { daemon, cloud, loadBalancerUrl, publish } = await bringUp({
    ...{ fleet: 'web', realTime: false, gatewayPort: 0, pagePort: 0, loadBalancerPort: 0, log },
    server: { strategy, minCapacity: 2 },
    incidents: { mitigations: MITIGATIONS, mitigationsPerHour: 20 },
  });
  const end = () => void daemon.stop().then(() => process.exit(130));
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const state = await readCloudState();
    if (!state) throw new Error('the local cloud has ended');
    const ports = await localFaultPorts(cloud, state);
    const baseline = { control: faultControl(state), requestsPerMinute: (USERS * 60_000) / THINK_TIME_MS };
    const start = () => startTraffic({ url: loadBalancerUrl, caFile: state.caFile, users: USERS, thinkTimeMs: THINK_TIME_MS });
    let traffic = start();
    try {
      await traffic.ready;
      await dateDeploys(cloud, LONG_AGO_MS);
      if (cases.some(({ faults }) => faults.includes('deploy-in-progress'))) await publish(NEXT_VERSION);
      await waitUntil('a reading of the collector', async () => cloud.store.getStore(), { timeoutMs: READING_LIMIT_MS, pollMs: 1_000 });
      await plantBaseline(cloud, baseline);
      await sleep(SERVING_BEFORE_MS);
      const results: CaseResult[] = [];
      for (const one of cases) {
        if (one.withoutUsers) await traffic.stop();
        if (one.afterDeploy) await dateDeploys(cloud, 0);
        const result = await runCase(one, { cloud, ports, baseline, log, ...(record !== undefined && { record }) });
        log(describeResult(result));
        results.push(result);
        onResult(result);
        if (one.afterDeploy) await dateDeploys(cloud, LONG_AGO_MS);
        if (!one.withoutUsers) continue;
        traffic = start();
        await traffic.ready;
      }
      const { incidents, isAsBefore } = await settleMitigations(cloud);
      log(isAsBefore ? 'what mitigations had changed is as before' : 'something that a mitigation changed is not as before');
      withMitigations(results, incidents, isAsBefore).forEach(onResult);
    } finally {
      await traffic.stop().catch(() => {});
    }
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    await daemon.stop();
  }
}
