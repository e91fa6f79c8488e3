import type { StoreRecords } from '../../collect/store-records.ts';
import type { Collector } from '../contract/collect.ts';

export interface ReadingPorts {
  readonly records: Pick<StoreRecords, 'getStore'>;
  readonly now: () => number;
}

/** The collector's latest reading and its window, on record. The names of the largest sessions are hashed already. */
export function createReadings({ records, now }: ReadingPorts): Collector<'readings'> {
  return async () => {
    const record = await records.getStore();
    const takenAtMs = now();
    if (!record) return { gap: 'the session store has never been read: no reading is on record' };
    const { reading, window, lastFailover } = record;
    const ageSeconds = Math.max(0, Math.round((takenAtMs - reading.takenAtMs) / 1_000));
    return { takenAtMs, facts: { reading, window, ageSeconds, ...(lastFailover && { lastFailover }) } };
  };
}
