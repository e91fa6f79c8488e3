import { expect, it } from 'vitest';
import { describeSlices } from '../../deploy/read-drains.ts';

const slice = (startMs: number, endMs: number, inFlight: number, ties: number) => ({
  startMs,
  endMs,
  output: { signal: 'kernel' as const, inFlight, ties, quietSeconds: 0 },
});

it('adds up the slices that nothing but ties held', () => {
  const slices = [slice(0, 10_000, 4, 1), slice(10_000, 20_000, 2, 2), slice(20_000, 24_000, 0, 0)];
  expect(describeSlices(0, 25_000, slices)).toEqual({ signal: 'kernel', seconds: 25, tieSeconds: 10 });
});

it('has no signal without a slice', () => {
  expect(describeSlices(0, 1_000, [])).toEqual({ signal: 'none', seconds: 1, tieSeconds: 0 });
});
