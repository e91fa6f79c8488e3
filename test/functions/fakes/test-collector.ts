import { type CollectPorts, createCollect } from '../../../functions/collect/collect.ts';
import type { StoreReading } from '../../../functions/collect/contract.ts';
import type { StoreRecords } from '../../../functions/collect/store-records.ts';

type TestPorts = Pick<CollectPorts, 'nodes'> & Partial<Omit<CollectPorts, 'records'>> & { readonly records?: Partial<StoreRecords> };

/** The collector, which keeps and publishes nothing unless `ports` do. @returns collects once */
export function testCollector({ records, ...ports }: TestPorts): () => Promise<StoreReading> {
  const collect = createCollect({
    records: {
      getStore: async () => undefined,
      putStore: async () => true,
      getUnreachable: async () => undefined,
      putUnreachable: async () => undefined,
      ...records,
    },
    known: { get: async () => undefined, put: async () => undefined },
    shares: async () => undefined,
    baseline: { get: async () => undefined, lower: async () => undefined },
    swept: [0],
    publish: () => undefined,
    now: Date.now,
    collectMinutes: 1,
    sampleSeconds: 300,
    sweepOverdueAfter: { ageSeconds: 93_600, answerSeconds: 10_800 },
    ...ports,
  });
  return () => collect({ step: 'collect' });
}
