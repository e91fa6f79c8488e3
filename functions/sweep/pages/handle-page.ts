import type { SweepSettings } from '../contract/settings.ts';
import { chooseRepair, policyFor } from '../keys/choose-repair.ts';
import type { Classify } from '../keys/classify-key.ts';
import { countableIdle } from '../keys/countable-idle.ts';
import { type HashId, shareOf } from '../keys/hash-id.ts';
import type { Handled, Sampled } from '../report/count-tally.ts';
import type { PageKeys, Sample, SweepStore } from '../store/sweep-store.ts';
import { applyRepairs } from './apply-repairs.ts';
import type { DeleteBudget } from './delete-budget.ts';
import { asText, type LifeReading, readLives } from './read-lives.ts';
import type { ReadSamples } from './read-samples.ts';

export interface PageWork extends LifeReading {
  readonly store: LifeReading['store'] & Pick<SweepStore, 'repair'>;
  readonly classify: Classify;
  readonly hashId: HashId;
  readonly settings: SweepSettings;
  /** Does everything but the write. */
  readonly dryRun: boolean;
  readonly deletes: DeleteBudget;
}

/** Keys with a TTL, in the form that reports use. */
export const weigh = (
  keys: readonly Sample[],
  { classify, hashId }: Pick<PageWork, 'classify' | 'hashId'>,
  read: ReadSamples = new Map(),
): Sampled[] =>
  keys.map((sample) => {
    const found = read.get(sample);
    return {
      get id() {
        return hashId(sample.key);
      },
      bytes: sample.bytes,
      weight: sample.weight,
      known: found === 'foreign' ? undefined : classify(asText(sample.key), sample.type),
      remains: found === 'foreign' ? undefined : found,
    };
  });

/** What a sweep did with a page's keys. */
export interface HandledPage {
  /** After an interruption, only the keys that were repaired before it. */
  readonly handled: readonly Handled[];
  /** The error that ended the connection: the page has to be read again. */
  readonly interruption?: Error;
}

/** Decides on each persistent key of a page, and applies the decision. @throws the error that ended the connection before a repair */
export async function handlePage(page: PageKeys, work: PageWork): Promise<HandledPage> {
  const { settings, classify } = work;
  const named = page.persistentKeys.map((persistentKey) => classify(asText(persistentKey.key), persistentKey.type));
  const lives = await readLives(page, named, work);
  const known = named.map((one, index) => (lives[index]?.isForeign ? undefined : one));
  let deletesLeft = work.deletes.left;
  const decisions = page.persistentKeys.map((persistentKey, index) => {
    const { life, guard = { kind: 'none' } as const } = lives[index] ?? {};
    const repair = chooseRepair(known[index], life, settings, shareOf(persistentKey.key), deletesLeft);
    if (repair.action === 'delete') deletesLeft -= 1;
    const { idleSeconds } = lives[index] ?? persistentKey;
    return { persistentKey, idleSeconds, known: known[index], remains: lives[index]?.remains, repair, guard };
  });
  const { applied, ...rest } = await applyRepairs(decisions, work);
  const handled = applied.map(
    ({ persistentKey, idleSeconds, known, remains, repair }): Handled => ({
      get id() {
        return work.hashId(persistentKey.key);
      },
      type: persistentKey.type,
      bytes: persistentKey.bytes,
      idleSeconds: countableIdle(idleSeconds, work.primarySinceMs, work.nowMs),
      known,
      remains,
      policy: known ? policyFor(known, settings) : 'report',
      repair,
    }),
  );
  return { handled, ...rest };
}
