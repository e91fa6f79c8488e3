/** What is said of a fleet whose servers the templates do not make. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adopted, EXISTING_GROUP, EXISTING_INSTANCES } from '../../../test/infra/adopted-configs.ts';
import { SynthesizedApp } from '../../../test/infra/synthesized.ts';
import { type Assembly, readAssembly } from '../assembly.ts';
import { estimateCost } from '../estimate-cost.ts';

const made: SynthesizedApp[] = [];
let instances: Assembly;
let group: Assembly;

async function assemblyOf(fleet: Parameters<typeof adopted>[0]): Promise<Assembly> {
  const app = await SynthesizedApp.create(adopted(fleet));
  made.push(app);
  return readAssembly(app.folder);
}

beforeAll(async () => {
  instances = await assemblyOf(EXISTING_INSTANCES);
  group = await assemblyOf(EXISTING_GROUP);
});
afterAll(() => Promise.all(made.map((app) => app.remove())));

it('counts named servers, and knows everything that is made for them', () => {
  const cost = estimateCost(instances, {});
  expect(cost.assumptions).toMatchObject({ servers: 3, notPriced: [] });
  expect(cost.lines.find(({ item }) => item === 'state transitions')?.arithmetic).toContain('389 targets');
  expect(cost.infrastructureUsd).toBe(0);
});

it('asks for the size of a group that is named, and takes it', () => {
  expect(estimateCost(group, {}).assumptions.notPriced).toEqual([expect.stringContaining('their number has to be given')]);
  expect(estimateCost(group, { servers: 4 }).assumptions).toMatchObject({ servers: 4, notPriced: [] });
});
