/** The collector's own code over the simulated store, once a minute, with its records in memory. */
import { createCollect } from '../../../functions/collect/collect.ts';
import type { StoreRecord } from '../../../functions/collect/contract.ts';
import type { PublishedValue } from '../../../functions/collect/select-metrics.ts';
import type { DialectShares } from '../../../functions/records/dialect-shares.ts';
import type { StoreNodes } from '../../../functions/records/store-nodes.ts';
import type { Keys } from './keys.ts';

const DAY_MS = 86_400_000;

export interface Collector {
  /** @param minute since the first @returns what it publishes */
  read(nowMs: number, minute: number, hasReplica: boolean): Promise<readonly PublishedValue[]>;
}

export function createCollector(keys: Keys, collectMinutes: number): Collector {
  let [nowMs, minute, hasReplica] = [0, 0, true];
  let record: StoreRecord | undefined;
  let known: StoreNodes | undefined;
  let shares: DialectShares | undefined;
  let published: readonly PublishedValue[] = [];
  const node = (role: 'primary' | 'replica') => ({
    name: `${role}:6379`,
    host: role,
    port: 6379,
    info: async () => {
      if (role === 'replica' && !hasReplica) throw new Error('connect ETIMEDOUT');
      return keys.info(role, minute, hasReplica);
    },
  });
  const nodes = [node('primary'), node('replica')];
  /** One sweep a day counts the sessions. */
  const swept = (): DialectShares => {
    if (shares === undefined || nowMs - shares.takenAtMs >= DAY_MS) {
      const { count } = keys;
      shares = {
        takenAtMs: nowMs,
        counts: { keys: count, expires: count },
        othersWithTtl: 0,
        byDialect: { express: { sessions: count, structural: 0, withoutTtl: 0, bytesSampled: count * 1_800 } },
        largest: [],
        largestSampledOneIn: 1,
      };
    }
    return shares;
  };
  const collect = createCollect({
    nodes: async () => nodes,
    records: {
      getStore: async () => record,
      putStore: async (next) => {
        record = next;
        return true;
      },
      getUnreachable: async () => undefined,
      putUnreachable: async () => undefined,
    },
    known: {
      get: async () => known,
      put: async (next) => {
        known = next;
      },
    },
    shares: async () => swept(),
    baseline: { get: async () => undefined, lower: async () => undefined },
    swept: [0],
    publish: (values) => {
      published = values;
    },
    now: () => nowMs,
    collectMinutes,
    sampleSeconds: 300,
    sweepOverdueAfter: { ageSeconds: 2 * 86_400, answerSeconds: 7_200 },
  });
  return {
    async read(atMs, atMinute, replica) {
      [nowMs, minute, hasReplica, published] = [atMs, atMinute, replica, []];
      await collect({ step: 'collect' });
      return published;
    },
  };
}
