/** What watching a store without fleets costs. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { storeAlone } from '../../../test/infra/adopted-configs.ts';
import { SynthesizedApp } from '../../../test/infra/synthesized.ts';
import { type Assembly, readAssembly } from '../assembly.ts';
import { estimateCost, STORE_BUDGET_USD } from '../estimate-cost.ts';

let app: SynthesizedApp;
let assembly: Assembly;
beforeAll(async () => {
  app = await SynthesizedApp.create(storeAlone());
  assembly = await readAssembly(app.folder);
});
afterAll(() => app?.remove());

it('is below its budget, knows everything that is made, and has neither deploys nor infrastructure', () => {
  const { monthlyUsd, withoutFreeDashboardsUsd, infrastructureUsd, infrastructure, assumptions, lines } = estimateCost(assembly, {});
  expect(monthlyUsd).toBeGreaterThan(1);
  expect(monthlyUsd).toBeLessThan(STORE_BUDGET_USD);
  expect([infrastructureUsd, infrastructure]).toEqual([0, []]);
  // Both of its dashboards are free, where the account has no others.
  expect(withoutFreeDashboardsUsd - monthlyUsd).toBeCloseTo(2 * 3, 5);
  expect(assumptions).toMatchObject({ fleet: null, servers: 0, deploysPerDay: 0, notPriced: [] });
  expect(lines.map(({ arithmetic }) => arithmetic).join()).not.toMatch(/\d targets|renderings of the latest deploys/);
});
