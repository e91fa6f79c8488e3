import { expect, it } from 'vitest';
import type { StoreReading } from '../../../../functions/collect/contract.ts';
import { leftIn } from '../../incidents/collector.ts';

const reading = (more: Partial<StoreReading>) =>
  ({
    ...{ evictions: 0, failovers: 0, refusedWrites: 0, authenticationFailures: 0, replicas: 2, nodes: [{ name: 'a', role: 'primary' }] },
    ...more,
  }) as StoreReading;

it('names what a reading still has of an earlier case', () => {
  expect(leftIn(reading({}), 2)).toEqual([]);
  expect(leftIn(reading({ evictions: null, failovers: 1 }), 2)).toEqual(['1 failovers']);
  expect(leftIn(reading({ evictions: 3, replicas: 1, nodes: [{ name: 'a', error: 'no answer' }] }), 2)).toEqual([
    '3 evictions',
    '1 nodes that do not answer',
    '1 of 2 replicas',
  ]);
});
