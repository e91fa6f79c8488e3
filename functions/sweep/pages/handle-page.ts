import type { SweepSettings } from '../contract/settings.ts';
import type { Consent } from '../contract/steps.ts';
import type { LearnedShape, LifeNote } from '../contract/tally.ts';
import { askFirst, chooseRepair, policyFor, type Repair } from '../keys/choose-repair.ts';
import { type Classify, countableIdle } from '../keys/classify-key.ts';
import { type HashId, shareOf } from '../keys/hash-id.ts';
import { learnFrom, shapeOf } from '../keys/key-shape.ts';
import { readRemains } from '../keys/read-life.ts';
import type { Handled, Sampled } from '../report/count-tally.ts';
import type { PageKeys, PersistentKey, Sample, SweepStore } from '../store/sweep-store.ts';
import { applyRepairs, type DeleteBudget } from './apply-repairs.ts';
import { asText, asValue, type Identified, identifyAll, type KeyGroup, UNKNOWN } from './identify.ts';
import { type LifeReading, readLives } from './read-lives.ts';

export interface PageWork extends LifeReading {
  readonly store: LifeReading['store'] & Pick<SweepStore, 'repair'>;
  readonly classify: Classify;
  readonly hashId: HashId;
  readonly settings: SweepSettings;
  /** Does everything but the write. */
  readonly dryRun: boolean;
  readonly deletes: DeleteBudget;
  /** Reads what the values of unknown keys have in common, too. */
  readonly learn?: boolean | undefined;
  /** Absent: every known dialect is repaired. */
  readonly consent?: Consent | undefined;
}

/** Keys with a TTL, in the form that reports use. @param identified in their order @param lives too */
export const weigh = (
  keys: readonly Sample[],
  identified: readonly Identified[],
  { hashId, learn = false }: Pick<PageWork, 'hashId' | 'learn'>,
  lives: readonly (LifeNote | undefined)[] = [],
): Sampled[] =>
  keys.map((sample, at) => {
    const { known: named, fields, isUnverified } = identified[at] ?? UNKNOWN;
    const known = isUnverified ? undefined : named;
    const learned = learn && named === undefined ? learnedOf(sample, identified[at] ?? UNKNOWN, sample.weight) : undefined;
    return {
      get id() {
        return hashId(sample.key);
      },
      bytes: sample.bytes,
      weight: sample.weight,
      known,
      life: lives[at],
      learned,
      remains: readRemains(known?.rule.life, asValue({ fields }).fields),
    };
  });

/** What a sweep did with a page's keys. */
export interface HandledPage {
  /** After an interruption, only the keys that were repaired before it. */
  readonly handled: readonly Handled[];
  /** The error that ended the connection: the page has to be read again. */
  readonly interruption?: Error;
}

const UNVERIFIED: Repair = { action: 'leave', reason: 'unverified' };

const DAY_SECONDS = 86_400;

/** @param identified given where its value counts too */
function learnedOf(
  { key, type, idleSeconds }: Pick<PersistentKey, 'key' | 'type'> & Partial<Pick<PersistentKey, 'idleSeconds'>>,
  identified?: Identified,
  keys = 1,
): LearnedShape {
  const name = asText(key);
  return {
    shape: shapeOf(name),
    type,
    keys,
    recent: Number(idleSeconds !== undefined && idleSeconds < DAY_SECONDS),
    ...(idleSeconds !== undefined && { oldestIdleSeconds: idleSeconds }),
    ...(identified && learnFrom(name, type, asValue(identified))),
  };
}

/** The persistent keys of a page, which are identified together with others. */
export const persistentGroup = ({ persistentKeys }: PageKeys, { store, learn }: Pick<PageWork, 'store' | 'learn'>): KeyGroup => ({
  keys: persistentKeys,
  mayRead: store.readsKeepIdle,
  learn: learn === true,
});

/**
 * Decides on each persistent key of a page, and applies the decision.
 * @param known what they are, in their order; undefined: to be found out @throws the error that ended the connection before a repair
 */
export async function handlePage(page: PageKeys, work: PageWork, known?: readonly Identified[]): Promise<HandledPage> {
  const { settings } = work;
  const identified = known ?? (await identifyAll([persistentGroup(page, work)], work));
  const lives = await readLives(page, identified, work);
  let deletesLeft = work.deletes.left;
  const decisions = page.persistentKeys.map((persistentKey, index) => {
    const { life, guard = { kind: 'none' } as const, remains } = lives[index] ?? {};
    const { known, isUnverified = false } = identified[index] ?? {};
    const chosen = isUnverified ? UNVERIFIED : chooseRepair(known, life, settings, shareOf(persistentKey.key), deletesLeft);
    const repair = work.consent ? askFirst(chosen, known, work.consent) : chosen;
    if (repair.action === 'delete') deletesLeft -= 1;
    const { idleSeconds } = lives[index] ?? persistentKey;
    const learned = known === undefined ? learnedOf(persistentKey, work.learn ? (identified[index] ?? UNKNOWN) : undefined) : undefined;
    return { persistentKey, idleSeconds, known, remains, repair, guard, learned };
  });
  const { applied, ...rest } = await applyRepairs(decisions, work);
  const handled = applied.map(
    ({ persistentKey, idleSeconds, known, remains, repair, learned }): Handled => ({
      get id() {
        return work.hashId(persistentKey.key);
      },
      type: persistentKey.type,
      bytes: persistentKey.bytes,
      idleSeconds: countableIdle(idleSeconds, work.primarySinceMs, work.nowMs),
      known,
      remains,
      learned,
      policy: known ? policyFor(known, settings) : 'report',
      repair,
    }),
  );
  return { handled, ...rest };
}
