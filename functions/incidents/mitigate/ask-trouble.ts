/** Whether the trouble is still there, before a mitigation acts: by what the load balancer answers users, and by the latest reading. */
import type { StoreRecords } from '../../collect/store-records.ts';
import type { Collector } from '../contract/collect.ts';
import type { Evidence } from '../contract/evidence.ts';
import { isTroubled } from '../trouble/channels.ts';
import { responseChannels } from '../trouble/responses.ts';
import { SOON_SECONDS, TIGHT_PERCENT } from '../trouble/store-channels.ts';

const MINUTE_MS = 60_000;
const FRESH_MS = 15 * MINUTE_MS;

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

/** By the collector's latest reading. */
export interface StoreMemory {
  readonly percent: number;
  readonly isTight: boolean;
}
/** Undefined while no reading of the last minutes is on record. */
export type ReadMemory = () => Promise<StoreMemory | undefined>;

/** Why nothing is done for the store's memory; undefined while it is tight, or not known. An answer can come hours after the question. */
export async function whyEnough(memory: ReadMemory): Promise<string | undefined> {
  const now = await memory();
  return now && !now.isTight ? `the store's memory is no longer tight: ${Math.round(now.percent)} % at the latest reading` : undefined;
}

export async function latestMemory(store: Pick<StoreRecords, 'getStore'>, now: () => number): Promise<StoreMemory | undefined> {
  const reading = (await store.getStore())?.reading;
  if (reading === undefined || now() - reading.takenAtMs > FRESH_MS || reading.memoryPercent === null) return undefined;
  const { memoryPercent: percent, secondsUntilFull, evictions, refusedWrites } = reading;
  const isFull = (evictions ?? 0) > 0 || (refusedWrites ?? 0) > 0;
  return { percent, isTight: isFull || percent >= TIGHT_PERCENT || (secondsUntilFull ?? SOON_SECONDS) < SOON_SECONDS };
}
