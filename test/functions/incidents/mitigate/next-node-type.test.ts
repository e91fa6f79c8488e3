import { expect, it } from 'vitest';
import { nextNodeType, priceFactor } from '../../../../functions/incidents/mitigate/next-node-type.ts';

it.each<[string, readonly string[], string | undefined]>([
  ['cache.t4g.small', ['cache.r7g.large', 'cache.t4g.medium'], 'cache.t4g.medium'],
  ['cache.t4g.medium', ['cache.r7g.xlarge', 'cache.m7g.large', 'cache.r7g.large', 'cache.t4g.small'], 'cache.r7g.large'],
  ['cache.r7g.8xlarge', ['cache.r7g.16xlarge', 'cache.r7g.12xlarge'], 'cache.r7g.12xlarge'],
  ['cache.r7g.16xlarge', ['cache.t4g.micro'], undefined],
  ['cache.r7g.large', [], undefined],
])('from %s', (from, allowed, expected) => {
  expect(nextNodeType(from, allowed)).toBe(expected);
});

it('knows the price within a family only', () => {
  expect([priceFactor('cache.t4g.micro', 'cache.t4g.medium'), priceFactor('cache.t4g.medium', 'cache.r7g.large')]).toEqual([4, undefined]);
});
