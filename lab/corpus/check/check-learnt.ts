/** Keys that nothing but a dialect of the user's own can recognise: whether the dialect that `sweep --learn` prints does. */
import { dialectOf } from '../../../functions/sweep/keys/key-shape.ts';
import { configuredSweepSettings } from '../../../functions/sweep/settings-schema.ts';
import { random as seeded } from '../../../test/functions/sweep/random.ts';
import { runSweep } from '../../../test/functions/sweep/run-sweep.ts';
import type { Expectation } from '../library.ts';
import type { RecordedKey } from '../recordings/recording.ts';
import type { Store } from './check-corpus.ts';
import { withOtherIds } from './other-id.ts';
import { plant } from './plant.ts';
import { seeKeys } from './snapshot.ts';

/** As many as `sweep --learn` shows a shape of. */
const OF_ONE_SHAPE = 12;

/**
 * @param key of {@link keyAt}; keys with other ids are planted with it
 * @param foreign other programs' keys, which the dialect must not take
 * @returns what is wrong, or undefined
 */
export async function checkLearnt(
  { redis, connect }: Store,
  key: RecordedKey,
  expected: Expectation,
  foreign: readonly RecordedKey[],
): Promise<string | undefined> {
  const random = seeded(7);
  const others = Array.from({ length: OF_ONE_SHAPE }, () => ({ ...key, name: withOtherIds(key.name, random) }));
  const keys = [...new Map([key, ...others].map((one) => [one.name, one])).values()];
  const names = keys.map(({ name }) => name);
  await redis.flushall();
  await plant(redis, keys, 'none');
  const { tally } = await runSweep(connect, { learn: true, dryRun: true, settings: { sampleEvery: 1 } });
  if ([...(await seeKeys(redis, names)).values()].some(({ ttlMs }) => ttlMs !== -1)) return 'sweep --learn has given it a TTL';
  const [shape, another] = Object.values(tally.shapes ?? {});
  if (shape === undefined || another !== undefined) return `sweep --learn finds ${Object.keys(tally.shapes ?? {}).length} shapes of it`;
  const printed = dialectOf(shape);
  if (printed === undefined) return `sweep --learn prints no dialect for ${shape.shape}`;
  const seconds = expected.life?.seconds[0] as number;
  const { dialects } = configuredSweepSettings.parse({ dialects: [{ ...printed, idleSeconds: seconds }] });
  await plant(
    redis,
    foreign.filter(({ name }) => !names.includes(name)),
    'none',
  );
  const swept = await runSweep(connect, { settings: { dialects, minTtlSeconds: 1, jitterSeconds: 0, sampleEvery: 1 } });
  const taken = Object.values(swept.tally.byDialect).reduce((sum, { sessionsWithoutTtl }) => sum + sessionsWithoutTtl, 0);
  if (taken !== keys.length)
    return `the dialect that sweep --learn prints takes ${taken} keys for sessions, not ${keys.length}: ${shape.shape}`;
  const ttls = [...(await seeKeys(redis, names)).values()].map(({ ttlMs }) => ttlMs / 1000);
  return ttls.every((ttl) => Math.abs(ttl - seconds) < 60) ? undefined : `the dialect that sweep --learn prints gives it ${ttls[0]} s`;
}
