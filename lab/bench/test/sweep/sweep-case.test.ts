import { expect, it } from 'vitest';
import { describeCase, medianCase } from '../../sweep/sweep-case.ts';
import { sweepCase } from './sweep-case.ts';

it('takes the median, number by number', () => {
  const rounds = [
    sweepCase('scan', { keysPerSecond: 3, probeP99Ms: 1 }),
    sweepCase('scan', { keysPerSecond: 1, probeP99Ms: 2 }),
    sweepCase('scan', { keysPerSecond: 2, probeP99Ms: 9 }),
  ];
  expect(medianCase(rounds)).toEqual(sweepCase('scan', { keysPerSecond: 2, probeP99Ms: 2 }));
});

it('keeps what only some cases have', () => {
  const share = { memoryMegabytes: 512, coreShare: 0.289 };
  expect(medianCase([sweepCase('holdfast-lambda-share', share)])).toMatchObject(share);
  expect(medianCase([5, 3, 4].map((verdictMs) => sweepCase('holdfast-clean', { verdictMs })))).toMatchObject({ verdictMs: 4 });
});

it('prints a case on one line, with what only it has', () => {
  expect(describeCase(sweepCase('holdfast', { parts: 2, keysPerSecond: 512_345, storeSharePercent: 71.2 }))).toMatch(
    /^holdfast +2 × COUNT +100 +512,345 keys\/s, GET P50 0\.10, P99 0\.30, max 2\.0 ms, store 71\.20 %/,
  );
  expect(describeCase(sweepCase('holdfast-lambda-share', { memoryMegabytes: 512, coreShare: 0.289 }))).toContain('512 MB, 0.29 of a core');
  expect(describeCase(sweepCase('holdfast-clean', { verdictMs: 12.34 }))).toContain('verdict after 12.3 ms');
});
