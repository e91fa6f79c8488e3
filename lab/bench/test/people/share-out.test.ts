import { expect, it } from 'vitest';
import { CASES } from '../../people/cases.ts';
import { sharedOut } from '../../people/share-out.ts';

const names = (cases: readonly { readonly name: string }[]) => cases.map(({ name }) => name).toSorted();

it.each([1, 2, 4])('%i clouds run each case once, and those of one shop and fleet, which has to be started, together', (clouds) => {
  const parts = sharedOut(CASES, clouds);
  expect(parts).toHaveLength(clouds);
  expect(names(parts.flat())).toEqual(names(CASES));
  const shopOf = new Map(parts.flatMap((part, at) => part.map((one) => [one.name, at] as const)));
  expect(shopOf.get('connect-redis-another-prefix')).toBe(shopOf.get('store-fails-over'));
});

it('no cloud is without a case', () => {
  expect(sharedOut(CASES.slice(0, 1), 2)).toEqual([CASES.slice(0, 1)]);
});
