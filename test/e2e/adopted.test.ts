import { afterAll, beforeAll, expect, it } from 'vitest';
import { openShop, type Shop } from './foreign/shop.ts';
import { snapshotOf } from './foreign/snapshot.ts';

let shop: Shop;

beforeAll(async () => {
  const began = Date.now();
  shop = await openShop();
  console.log('opened in', Date.now() - began);
});
afterAll(async () => {
  const began = Date.now();
  await shop?.close();
  console.log('closed in', Date.now() - began);
});

it('is as it was', async () => {
  const before = await snapshotOf(shop);
  console.log(JSON.stringify(before, null, 1).slice(0, 20000));
  expect(await snapshotOf(shop)).toEqual(before);
});
