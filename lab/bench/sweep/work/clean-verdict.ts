/** How long the sweep takes to see by the counters of INFO that it has nothing to do. */
import type { TtlBaseline } from '../../../../functions/records/ttl-baseline.ts';
import { decideByCounters } from '../../../../functions/sweep/begin/end-clean.ts';
import { connectorTo } from './connect.ts';
import type { StoreAddresses } from './work.ts';

const TIMES = 20;
const SETTINGS_KEY = 'bench';

/**
 * From connecting to the verdict, with a baseline that contains every key without a TTL.
 * @returns the longest of some times, milliseconds
 * @throws Error for another verdict
 */
export async function timeCleanVerdict(stores: StoreAddresses): Promise<number> {
  const connectTo = connectorTo(stores, false);
  const connect = () => connectTo(stores.store.primary);
  const startedAtMs = Date.now();
  const baseline: TtlBaseline = {
    sweepId: 'bench',
    takenAtMs: startedAtMs,
    startedAtMs,
    settingsKey: SETTINGS_KEY,
    primaries: 1,
    byDatabase: { 0: { left: stores.persistentKeys, structural: 0, unrepaired: 0 } },
  };
  let longestMs = 0;
  for (let time = 0; time < TIMES; time += 1) {
    const question = {
      databases: [0],
      full: false,
      reconcile: false,
      baseline,
      settingsKey: SETTINGS_KEY,
      everyHours: 24,
      nowMs: Date.now(),
    };
    const startedMs = performance.now();
    const { because } = await decideByCounters(connect, question, async () => undefined);
    longestMs = Math.max(longestMs, performance.now() - startedMs);
    if (because !== undefined) throw new Error(`the counters show something to do: ${because}`);
  }
  return longestMs;
}
