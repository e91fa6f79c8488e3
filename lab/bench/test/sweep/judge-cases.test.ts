import { expect, it } from 'vitest';
import { unmetExpectations } from '../../sweep/judge-cases.ts';
import { CASE_NAMES, type CaseName, type SweepCase } from '../../sweep/sweep-case.ts';
import { sweepCase } from './sweep-case.ts';

const GOOD: Record<CaseName, SweepCase> = {
  idle: sweepCase('idle', { count: 0, keysPerSecond: 0, probeP99Ms: 0.3 }),
  scan: sweepCase('scan', { keysPerSecond: 400_000, probeP99Ms: 0.5 }),
  holdfast: sweepCase('holdfast', { keysPerSecond: 440_000, probeP99Ms: 1 }),
  'holdfast-one-cursor': sweepCase('holdfast-one-cursor', { keysPerSecond: 440_000, count: 200 }),
  'holdfast-replica': sweepCase('holdfast-replica', { keysPerSecond: 450_000, probeP99Ms: 0.6, storeSharePercent: 0.5 }),
  control: sweepCase('control', { probeP99Ms: 0.5 }),
  'scan-pttl': sweepCase('scan-pttl', { keysPerSecond: 176_000, count: 1_000 }),
  'holdfast-contents': sweepCase('holdfast-contents', {}),
  'holdfast-acl-tls': sweepCase('holdfast-acl-tls', {}),
  'holdfast-lambda-share': sweepCase('holdfast-lambda-share', {}),
  'holdfast-clean': sweepCase('holdfast-clean', { verdictMs: 50 }),
  'holdfast-paced': sweepCase('holdfast-paced', { keysPerSecond: 8_000, probeP99Ms: 0.49, storeSharePercent: 1.5 }),
  memkeys: sweepCase('memkeys', {}),
  'seed-loop': sweepCase('seed-loop', {}),
};
const judge = (change: Partial<Record<CaseName, Partial<SweepCase>>> = {}) =>
  unmetExpectations(
    CASE_NAMES.map((name) => ({ ...GOOD[name], ...change[name] })),
    CASE_NAMES,
  );

it('accepts cases that meet every expectation, each at its limit', () => expect(judge()).toEqual([]));

it.each([
  [{ scan: { keysPerSecond: 404_000 } }, 'holdfast runs at 1.09 of the speed of a bare SCAN'],
  [{ 'holdfast-one-cursor': { keysPerSecond: 450_000 } }, 'holdfast runs at 0.98 of the speed of one cursor with pages of 200'],
  [{ 'scan-pttl': { keysPerSecond: 177_000 } }, 'holdfast runs at 2.49 of the speed of SCAN with pipelined PTTL'],
  [{ 'holdfast-replica': { keysPerSecond: 430_000 } }, 'holdfast-replica runs at 1.07 of the speed of a bare SCAN'],
  [{ holdfast: { count: 200 } }, 'holdfast used COUNT 200, and the bare SCAN 100'],
  [{ holdfast: { probeP99Ms: 1.01 } }, 'during holdfast a GET on the primary takes 1.01 ms (P99); 1.00 ms are allowed'],
  [{ 'holdfast-paced': { probeP99Ms: 0.5 } }, 'during holdfast-paced a GET on the primary takes 0.5 ms (P99); 0.49 ms are allowed'],
  [{ 'holdfast-replica': { probeP99Ms: 0.61 } }, '0.60 ms are allowed (control: 0.5 ms)'],
  [{ 'holdfast-paced': { storeSharePercent: 1.6 } }, "holdfast-paced takes 1.6 % of the primary's time; 1.5 % are allowed"],
  [{ 'holdfast-replica': { storeSharePercent: 0.6 } }, "holdfast-replica takes 0.6 % of the primary's time; 0.5 % are allowed"],
  [{ 'holdfast-clean': { verdictMs: 51 } }, 'holdfast-clean takes 51 ms from connecting to the verdict; 50 ms are allowed'],
])('names an unmet expectation: %j', (change, says) => {
  expect(judge(change)).toEqual([expect.stringContaining(says)]);
});

it('allows twice the idle time where that is longer than 1 ms', () => {
  expect(judge({ idle: { probeP99Ms: 3 }, holdfast: { probeP99Ms: 6 } })).toEqual([]);
});

it('judges the expectations about chosen cases only, and names a chosen case without a result', () => {
  const slow = { ...GOOD.holdfast, keysPerSecond: 1 };
  expect(unmetExpectations([GOOD.idle, slow], ['idle', 'holdfast'])).toEqual([]);
  expect(unmetExpectations([GOOD.idle, slow], ['idle', 'scan'])).toEqual([]);
  expect(unmetExpectations([GOOD.idle], ['idle', 'holdfast'])).toEqual(['there is no result of holdfast']);
});
