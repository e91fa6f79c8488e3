import type { CaseName, SweepCase } from '../../sweep/sweep-case.ts';

export const sweepCase = (name: CaseName, change: Partial<SweepCase>): SweepCase => ({
  name,
  engine: 'valkey',
  count: 100,
  parts: 1,
  keysPerSecond: 1,
  probeP50Ms: 0.1,
  probeP99Ms: 0.3,
  probeMaxMs: 2,
  storeSharePercent: 0,
  storeCpuPercent: 0,
  clientCpuSeconds: 1,
  ...change,
});
