/** What docs/cost.md says that whole installations cost is what their templates have: `npm run docs -- figures` writes it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { installationCosts, withInstallationCosts } from '../../../test/docs/installation-costs.ts';
import { REPOSITORY } from '../../../test/infra/synthesized.ts';

it('has the figures of the templates for whole installations', async () => {
  const costs = await installationCosts();
  const page = readFileSync(path.join(REPOSITORY, 'docs/cost.md'), 'utf8');
  expect(page).toBe(withInstallationCosts(page, costs));
  expect(costs.at(-1)?.[1].assumptions).toMatchObject({ fleet: null, servers: 2_000, deploysPerDay: 4, notPriced: [] });
}, 240_000);
