import { beforeEach, describe, expect, it } from 'vitest';
import type { StoreReading, StoreRecord } from '../../../functions/collect/contract.ts';
import type { StoreRecords } from '../../../functions/collect/store-records.ts';

const record = (takenAtMs: number): StoreRecord => ({
  reading: { takenAtMs, hitRatePercent: null, nodes: [] } as unknown as StoreReading,
  counters: { a: { hits: 1, misses: 2, evictions: 3, authenticationFailures: null, refusedWrites: null, engineSeconds: null } },
  primaries: ['a'],
  window: [],
  days: [],
  watchedSinceMs: 1,
});

/** What every adapter of {@link StoreRecords} does. @param create gives empty records, for each test anew */
export function describeStoreRecords(name: string, create: () => Promise<StoreRecords>): void {
  describe(`${name}: the store's record`, () => {
    let records: StoreRecords;
    beforeEach(async () => {
      records = await create();
    });

    it('is what was put, what is not known included', async () => {
      expect(await records.getStore()).toBeUndefined();
      expect(await records.putStore(record(5), undefined)).toBe(true);
      expect(await records.getStore()).toEqual(record(5));
    });

    it('is next to what is known of a store that does not answer', async () => {
      expect(await records.getUnreachable()).toBeUndefined();
      await records.putUnreachable({ sinceMs: 1, seenAtMs: 2, failed: [] });
      await records.putUnreachable({ sinceMs: 1, seenAtMs: 3, failed: [{ name: 'a', error: 'e' }] });
      expect(await records.getUnreachable()).toEqual({ sinceMs: 1, seenAtMs: 3, failed: [{ name: 'a', error: 'e' }] });
      expect(await records.getStore()).toBeUndefined();
    });

    it('replaces only the reading that was read before', async () => {
      await records.putStore(record(5), undefined);
      expect(await records.putStore(record(6), undefined)).toBe(false);
      expect(await records.putStore(record(6), record(5))).toBe(true);
      expect(await records.putStore(record(7), record(5))).toBe(false);
      expect(await records.getStore()).toEqual(record(6));
    });
  });
}
