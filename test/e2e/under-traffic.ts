/** Runs work under live traffic; the report has failed requests by target and cause. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FAILED_REQUESTS_FILE } from '#local-aws/elbv2/data-plane/failed-requests.ts';
import { startTraffic, type Traffic } from '../../lab/demo/traffic/client.ts';
import type { TrafficOptions, TrafficReport } from '../../lab/demo/traffic/contract.ts';
import { kept } from './fleet.ts';

/** Requests on their way when the work ended, and each user's next one. */
const AFTER_MS = 2_000;

/** The work counts as `during`. @param afterMs how long the traffic goes on after it */
export async function underTraffic<T>(
  options: Partial<TrafficOptions>,
  work: (traffic: Traffic) => Promise<T>,
  afterMs: number = AFTER_MS,
): Promise<{ readonly result: T; readonly report: TrafficReport }> {
  const traffic = startTraffic({
    url: kept.loadBalancerUrl,
    caFile: kept.caFile,
    failedRequestsFile: path.join(kept.runFolder, FAILED_REQUESTS_FILE),
    users: 50,
    ...options,
  });
  try {
    await traffic.ready;
    traffic.mark('during');
    const result = await work(traffic);
    traffic.mark('after');
    await sleep(afterMs);
    return { result, report: await traffic.stop() };
  } finally {
    await traffic.stop().catch(() => {});
  }
}
