import { expect, it } from 'vitest';
import { areSettled } from '../../incidents/settled-servers.ts';

const inService = (id: string) => ({ id, isInService: true });
const both = [inService('i-1'), inService('i-2')];

it.each([
  ['as they are wanted', both, ['i-1', 'i-2'], true],
  ['with one that still drains', both, ['i-1', 'i-2', 'i-0'], true],
  ['while one is missing', [inService('i-1')], ['i-1'], false],
  ['while one is replaced', [...both, { id: 'i-3', isInService: false }], ['i-1', 'i-2'], false],
  ['while one starts', [inService('i-1'), { id: 'i-2', isInService: false }], ['i-1', 'i-2'], false],
  ['while one is not healthy at the load balancer', both, ['i-1'], false],
])('two servers are settled or not: %s', (_when, members, healthy, settled) => {
  expect(areSettled(members, 2, new Set(healthy))).toBe(settled);
});
