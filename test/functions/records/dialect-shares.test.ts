import { expect, it } from 'vitest';
import { type DialectShares, readDialectShares, writeDialectShares } from '../../../functions/records/dialect-shares.ts';
import type { RecordKey } from '../../../functions/records/records-table.ts';

it('what one sweep writes is what the collector reads, and nothing before the first', async () => {
  const items = new Map<string, object>();
  const keyOf = ({ pk, sk }: RecordKey) => `${pk}|${sk}`;
  const table = {
    get: async <T>(key: RecordKey) => items.get(keyOf(key)) as T | undefined,
    put: async (key: RecordKey, item: object) => Boolean(items.set(keyOf(key), item)),
  };
  expect(await readDialectShares(table)).toBeUndefined();
  const shares: DialectShares = {
    takenAtMs: 1,
    byDialect: { 'connect-redis': { sessions: 3, structural: 0, withoutTtl: 1, bytesSampled: 900 } },
    largest: [{ hashedId: 'f00d', dialect: 'connect-redis', bytes: 5_000 }],
    largestSampledOneIn: 1,
  };
  await writeDialectShares(table, shares);
  expect(await readDialectShares(table)).toEqual(shares);
  expect([...items.keys()]).toEqual(['STORE|DIALECT-SHARES']);
});
