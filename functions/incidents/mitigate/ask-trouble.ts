/** Whether the trouble is still there, before a mitigation acts: by what the load balancer answers users. */
import type { Collector } from '../contract/collect.ts';
import type { Evidence } from '../contract/evidence.ts';
import { isTroubled } from '../trouble/channels.ts';
import { responseChannels } from '../trouble/responses.ts';

const MINUTE_MS = 60_000;

/** Undefined where the metrics of the last minutes are not known, or cannot be read, or nobody came. */
export const createAreHurt =
  (traffic: Collector<'traffic'>, now: () => number) =>
  async (fleet: string): Promise<boolean | undefined> => {
    const toMs = now();
    const window = { fromMs: toMs - 60 * MINUTE_MS, toMs, firstSignMs: toMs - 5 * MINUTE_MS };
    const asking = traffic({ incidentId: 'users now', runbook: 'store-failure', fleets: [fleet], hashKey: '', ...window });
    // CloudWatch can be throttled: then it is asked again.
    const collected = await asking.catch(() => undefined);
    if (collected === undefined || 'gap' in collected) return undefined;
    const evidence: Evidence = { incidentId: '', ...window, sources: { traffic: collected } };
    return Object.values(responseChannels(evidence)).some((channel) => isTroubled(channel) && channel.untilMs === undefined);
  };
