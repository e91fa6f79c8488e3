/** What a fleet with one drain rule cannot do refuses its deploy before anything is tried. */
import { expect, it } from 'vitest';
import { DEPLOY } from '../../fakes/fixtures.ts';
import { createFront } from './fake-front.ts';

it.each([
  ['several servers at once', { settings: { ...DEPLOY.settings, maxParallel: 2 } }, 'SessionsNotDrainable', /set deploy\.maxParallel to 1/],
  [
    'a share of the servers at once',
    { settings: { ...DEPLOY.settings, maxParallel: '50%' } },
    'SessionsNotDrainable',
    /Nothing was changed$/,
  ],
  ['a stop after the first server', { pauseAfter: 1 }, 'InvalidInput', /--pause-after 1 is not possible in a fleet whose deploys wait/],
])('%s, with recover as well', async (_what, change, name, message) => {
  const { sessions, lease, rule } = await createFront();
  for (const recover of [false, true]) {
    const refused = sessions({ step: 'checkFront', deploy: { ...DEPLOY, ...change, recover }, lease });
    await expect(refused).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  }
  expect(rule.changes, 'the rule was not tried').toEqual([]);
});
