import { expect, it } from 'vitest';
import { isStoreWell } from '../../../../functions/incidents/mitigate/store-is-well.ts';

const primary = { name: 'one', role: 'primary', keys: 1, memoryUsedBytes: 1, connections: 1 } as const;
const replica = { ...primary, name: 'two', role: 'replica' } as const;

it.each([
  ['a primary has answered since', { takenAtMs: 2_000, nodes: [{ name: 'two', error: 'gone' }, primary] }, true],
  ['a shard has no primary', { takenAtMs: 2_000, nodes: [primary, replica], shardsWithoutPrimary: 1 }, false],
  ['every shard has a primary', { takenAtMs: 2_000, nodes: [primary, replica], shardsWithoutPrimary: 0 }, true],
  ['only replicas answer', { takenAtMs: 2_000, nodes: [replica, { name: 'one', error: 'gone' }] }, false],
  ['the reading is of the time before', { takenAtMs: 1_000, nodes: [primary] }, false],
  ['the collector has been silent since', { takenAtMs: 1_001, nodes: [primary] }, false],
  ['there is no reading', undefined, false],
])('when %s', (_, reading, expected) => {
  expect(isStoreWell(reading, 1_000, 301_002)).toBe(expected);
});
