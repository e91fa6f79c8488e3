/** What the secret of a fleet's session probes costs. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AWS_CONFIG, SynthesizedApp } from '../../../test/infra/synthesized.ts';
import { type Assembly, readAssembly } from '../assembly.ts';
import { estimateCost } from '../estimate-cost.ts';

/** AWS Secrets Manager, per secret and month. @see https://aws.amazon.com/secrets-manager/pricing/ */
const SECRET_USD = 0.4;

const made: SynthesizedApp[] = [];
let without: Assembly;
let probing: Assembly;

async function assemblyOf(config: Parameters<typeof SynthesizedApp.create>[0]): Promise<Assembly> {
  const app = await SynthesizedApp.create(config);
  made.push(app);
  return readAssembly(app.folder);
}

beforeAll(async () => {
  without = await assemblyOf(AWS_CONFIG);
  probing = await assemblyOf({ fleets: { web: { allowPlainHttp: true, deploy: { sessionProbe: true } } } });
});
afterAll(() => Promise.all(made.map((app) => app.remove())));

const costOf = (assembly: Assembly, deploysPerDay = 0) => estimateCost(assembly, { servers: 4, deploysPerDay });

it('is one secret more per month, and nothing else', () => {
  const [before, after] = [costOf(without), costOf(probing)];
  expect(after.monthlyUsd - before.monthlyUsd).toBeCloseTo(SECRET_USD, 5);
  expect(after.infrastructureUsd).toBe(before.infrastructureUsd);
  const others = (cost: typeof before) => cost.lines.filter(({ item }) => item !== 'secrets').map(({ item, monthly }) => [item, monthly]);
  expect(others(after)).toEqual(others(before));
  expect(after.assumptions.notPriced).toEqual([]);
});
