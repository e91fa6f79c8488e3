/** Which chosen targets need no call of a function before they are taken out: the deploy's choice says so. */
import { expect, it } from 'vitest';
import type { NextTarget } from '../../../../functions/deploy/contract/assess-steps.ts';
import { NO_RELEASE } from '../../../../functions/shared/version.ts';
import { RELEASE } from '../../fakes/fixtures.ts';
import { TWO_AT_ONCE, threeServers } from './three-servers.ts';

/** The deploy's first choice, and the same one once more: its execution was not started, since the answer was lost. */
async function choices({ install, lease, assess, records }: Awaited<ReturnType<typeof threeServers>>, version: string) {
  await records.putRelease({ ...RELEASE, version: '1.0.0' });
  for (const instanceId of ['i-1', 'i-2', 'i-3']) await install(instanceId, version);
  await assess({ step: 'plan', deploy: TWO_AT_ONCE, lease });
  const next = async () => (await assess({ step: 'nextTarget', deploy: TWO_AT_ONCE, lease, waitingSinceMs: 0 })) as NextTarget;
  return [await next(), await next()];
}

it.each([
  ['is prepared when it has had a release', '1.0.0', true],
  ['is not known to be prepared when it has the placeholder, whose user data can be at work', NO_RELEASE, undefined],
])('a chosen target %s', async (_what, version, expected) => {
  const [first, again] = await choices(await threeServers(), version);
  expect([first?.roll?.instanceId, first?.roll?.isPrepared]).toEqual(['i-1', expected]);
  expect([again?.roll?.instanceId, again?.roll?.isPrepared]).toEqual(['i-1', expected]);
});
