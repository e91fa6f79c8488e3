/** What a log-out is worth, against a site in memory whose log-outs a test changes. */
import { beforeEach, describe, expect, it } from 'vitest';
import { recipeSchema } from '../../../functions/canary/recipe/recipe.ts';
import { runCanary } from '../../../functions/canary/run-canary.ts';
import { type MemorySite, memorySite, SHOP } from './memory-site.ts';
import { findingsIn, ofCheck } from './outcomes.ts';

let site: MemorySite;
beforeEach(() => {
  site = memorySite();
});
const run = (more: object = {}) => {
  const recipe = recipeSchema.parse({ ...SHOP, ...more });
  const opened = site.open(recipe);
  return runCanary({ recipe, base: opened.base, extras: [] }, opened);
};

describe('the steps of a log-out', () => {
  it('that log nobody out are the fault of the recipe: no finding, and nothing that rests on them holds', async () => {
    const outcomes = await run({ logout: [{ get: '/account' }], slow: [{ get: '/slow' }] });
    expect(findingsIn(outcomes)).toEqual([]);
    expect(ofCheck(outcomes, 'replay-after-logout')).toEqual(['unclear']);
    expect(ofCheck(outcomes, 'late-save-after-logout')).toEqual(['unclear']);
    expect(outcomes).toContainEqual(expect.objectContaining({ what: expect.stringContaining('"logout" log nobody out') }));
  });

  it('are a log-out where the page shows nobody afterwards, also when their last one is refused', async () => {
    const outcomes = await run({ logout: [{ post: '/logout' }, { post: '/goodbye' }] });
    expect(ofCheck(outcomes, 'replay-after-logout')).toEqual(['holds', 'holds']);
  });
});
