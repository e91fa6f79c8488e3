import type { DialectTally, Tally } from '../contract/tally.ts';

/**
 * The tally for going back to an earlier position on the same node: keys are counted from there again, repairs since then are kept,
 * as the tally of a restart does. Most of them took effect, and their keys are no longer persistent. Pure.
 */
export function goBack(to: Tally, from: Tally): Tally {
  const withRepairs = ([name, earlier]: [string, DialectTally]): [string, DialectTally] => {
    const { repaired, deleted } = from.byDialect[name] ?? earlier;
    const since = repaired + deleted - earlier.repaired - earlier.deleted;
    return [name, { ...earlier, repaired, deleted, sessionsWithoutTtl: earlier.sessionsWithoutTtl + since }];
  };
  return { ...to, byDialect: Object.fromEntries(Object.entries(to.byDialect).map(withRepairs)) };
}
