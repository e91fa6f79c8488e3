/** Runs the cases of one kind of fleet in a local cloud of its own, one after the other, under steady traffic. */
import { setTimeout as sleep } from 'node:timers/promises';
import { readCloudState } from '../../cli/cloud-state.ts';
import { bringUp } from '../../local/bring-up.ts';
import { localFaultPorts } from '../../local/incident-faults/local-ports.ts';
import { startTraffic } from '../../local/traffic/client.ts';
import { ageDeploys } from './age-deploys.ts';
import type { BenchCase, Strategy } from './cases.ts';
import { type CaseResult, describeResult } from './judge.ts';
import { runCase } from './run-case.ts';

/** A fleet that served before a fault: its metrics and the collector's window have something to compare with. */
const SERVING_BEFORE_MS = 60_000;
/** The others are only named: those of a dead store last until it is well again, and the case ends before. */
const MITIGATIONS = { 'restore-stickiness': 'auto' } as const;
const USERS = 30;
const THINK_TIME_MS = 1_000;

export async function runCases(
  strategy: Strategy,
  cases: readonly BenchCase[],
  { record, log, onResult }: { record?: string; log: (line: string) => void; onResult: (result: CaseResult) => void },
): Promise<void> {
  log(`a fleet of strategy ${strategy}`);
  const { daemon, cloud, loadBalancerUrl } = await bringUp({
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
    const traffic = startTraffic({ url: loadBalancerUrl, caFile: state.caFile, users: USERS, thinkTimeMs: THINK_TIME_MS });
    try {
      await traffic.ready;
      await ageDeploys(cloud);
      await sleep(SERVING_BEFORE_MS);
      for (const one of cases) {
        const result = await runCase(one, { cloud, ports, log, ...(record !== undefined && { record }) });
        log(describeResult(result));
        onResult(result);
      }
    } finally {
      await traffic.stop().catch(() => {});
    }
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    await daemon.stop();
  }
}
