import { expect, it } from 'vitest';
import { DEFAULT_SWEEP_SETTINGS } from '../../../../functions/sweep/contract/settings.ts';
import type { StoreLink } from '../../../../functions/sweep/nodes/store-link.ts';
import { readPace } from '../../../../functions/sweep/sweep-shard.ts';

const [primary, replica] = [{}, {}] as unknown as readonly [StoreLink, StoreLink];

it.each([
  ['the primary', primary, false, 'gentle'],
  ['a replica that only the sweep reads from', replica, false, 'fast'],
  ['a replica that the application reads from too', replica, true, 'gentle'],
] as const)('pages of %s are read at the pace that its other clients need', (_, reader, applicationReadsReplicas, pace) => {
  const settings = { ...DEFAULT_SWEEP_SETTINGS, pace: 'gentle' as const, applicationReadsReplicas };
  expect(readPace(settings, { reader, writer: primary })).toBe(pace);
});
