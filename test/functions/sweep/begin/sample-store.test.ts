import { expect, it } from 'vitest';
import { pagesOfEach } from '../../../../functions/sweep/begin/sample-store.ts';

it('a sample reads no more pages of many shards than of one, and some of each', () => {
  const most = pagesOfEach(1);
  for (let units = 1; units <= most; units += 1) {
    expect(pagesOfEach(units)).toBeGreaterThanOrEqual(1);
    expect(pagesOfEach(units) * units).toBeLessThanOrEqual(most);
  }
});
