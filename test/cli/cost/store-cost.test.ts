/** What watching a store without fleets costs. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Assembly, readAssembly } from '../../../cli/cost/assembly.ts';
import { estimateCost, STORE_BUDGET_USD } from '../../../cli/cost/estimate-cost.ts';
import { renderCost } from '../../../cli/cost/render-cost.ts';
import { storeAlone } from '../../infra/adopted-configs.ts';
import { SynthesizedApp } from '../../infra/synthesized.ts';

let app: SynthesizedApp;
let assembly: Assembly;
beforeAll(async () => {
  app = await SynthesizedApp.create(storeAlone());
  assembly = await readAssembly(app.folder);
}, 120_000);
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

it('is named as such, with its own budget', () => {
  const text = renderCost(estimateCost(assembly, {}));
  expect(text).toContain('A session store without fleets.');
  expect(text).toContain('the budget of a store is $7');
  expect(text).not.toMatch(/INFRASTRUCTURE|infrastructure|servers/);
});

it('is refused for a fleet that is not there', () => {
  expect(() => estimateCost(assembly, { fleet: 'web' })).toThrow('The assembly has no fleet web, nor another one');
});
