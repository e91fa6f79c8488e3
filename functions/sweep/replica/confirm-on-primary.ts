import type { Classify } from '../keys/classify-key.ts';
import type { PageKeys, PersistentKey, Sample, SweepStore } from '../store/sweep-store.ts';

/**
 * A replica's keys as the primary knows them: a candidate for a repair gets the primary's idle time, which a replica cannot know,
 * and is left out where it has a TTL, is of another type or is gone meanwhile. Only candidates are asked for: keys of no known
 * framework and structural ones are counted as the replica returned them, without an idle time. A key that has expired on the
 * replica's clock, and that its primary has not removed yet, is neither a candidate nor a sample.
 * @param primary of the node that is written to
 */
export async function confirmOnPrimary<Keys extends PageKeys>(
  page: Keys,
  classify: Classify,
  primary: Pick<SweepStore, 'inspect'>,
): Promise<Keys> {
  const isCandidate = ({ key, type }: PersistentKey) => {
    const known = classify(key.toString('latin1'), type);
    return known !== undefined && known.rule.role !== 'structural';
  };
  const candidates = page.persistentKeys.filter(isCandidate);
  const found = await primary.inspect(candidates.map(({ key }) => key));
  const byCandidate = new Map(candidates.map((candidate, at) => [candidate, found[at]]));
  return {
    ...page,
    persistentKeys: page.persistentKeys.flatMap((persistentKey): PersistentKey[] => {
      if (!byCandidate.has(persistentKey)) return [{ ...persistentKey, idleSeconds: undefined }];
      const known = byCandidate.get(persistentKey);
      return known?.type === persistentKey.type ? [{ ...persistentKey, idleSeconds: known.idleSeconds }] : [];
    }),
    samples: page.samples.filter(exists),
    larger: page.larger.filter(exists),
  };
}

const exists = ({ type }: Sample): boolean => type !== 'none';

/**
 * Values are read from the replica, which takes no time of the primary and does not count as use there; every check before a
 * write, and every TTL, is the primary's.
 */
export const withReadsOf = (replica: SweepStore, primary: SweepStore): SweepStore => ({
  ...primary,
  readsKeepIdle: true,
  readFields: (wanted) => replica.readFields(wanted),
  readTexts: (keys) => replica.readTexts(keys),
});
