import { expect, it } from 'vitest';
import { type DialectShares, readDialectShares, writeDialectShares } from '../../../functions/records/dialect-shares.ts';
import { memoryItems } from '../fakes/memory-items.ts';

it('what one sweep writes is what the collector reads, and nothing before the first', async () => {
  const { items, table } = memoryItems();
  expect(await readDialectShares(table)).toBeUndefined();
  const shares: DialectShares = {
    takenAtMs: 1,
    othersWithTtl: 0,
    byDialect: { 'connect-redis': { sessions: 3, structural: 0, withoutTtl: 1, bytesSampled: 900 } },
    largest: [{ hashedId: 'f00d', dialect: 'connect-redis', bytes: 5_000 }],
    largestSampledOneIn: 1,
  };
  await writeDialectShares(table, shares);
  expect(await readDialectShares(table)).toEqual(shares);
  expect([...items.keys()]).toEqual(['STORE|DIALECT-SHARES']);
});
