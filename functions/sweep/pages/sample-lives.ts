/** How long the sessions of each dialect live, by a few of them that stand for all: those whose keys have the smallest hashes. */
import { type LifeNote, MOST_LIFE_NOTES, type Tally } from '../contract/tally.ts';
import { shareOf } from '../keys/hash-id.ts';
import { declaredLife } from '../keys/read-life.ts';
import type { Sample, SweepStore } from '../store/sweep-store.ts';
import { asValue, type Identified } from './identify.ts';

/**
 * Of keys with a TTL. Only sessions that can get among the few are asked for their TTL: some hundred of a dialect, however many there are.
 * @returns in the order of the keys; undefined for what is no session, is not among the few, or has ended
 */
export async function sampleLives(
  keys: readonly Pick<Sample, 'key'>[],
  identified: readonly Identified[],
  { byDialect }: Pick<Tally, 'byDialect'>,
  readTtls: SweepStore['readTtls'],
): Promise<readonly (LifeNote | undefined)[]> {
  const found = keys.map(({ key }, at): LifeNote | undefined => {
    const { known, isUnverified = true, ...value } = identified[at] ?? {};
    if (known?.rule.role !== 'session' || known.rule.life === undefined || isUnverified) return undefined;
    const notes = byDialect[known.dialect.name]?.lifeNotes ?? [];
    const share = shareOf(key);
    if (notes.length >= MOST_LIFE_NOTES && share >= (notes.at(-1)?.share ?? 1)) return undefined;
    const seconds = declaredLife(known.rule.life, asValue({ fields: {}, ...value }));
    return seconds !== undefined && seconds >= 1 ? { share, seconds, isDeclared: true } : { share, seconds: 0, isDeclared: false };
  });
  const asked = keys.flatMap(({ key }, at) => (found[at]?.isDeclared === false ? [{ key, at }] : []));
  const ttls = asked.length === 0 ? [] : await readTtls(asked.map(({ key }) => key));
  const secondsAt = new Map(asked.map(({ at }, index) => [at, ttls[index]]));
  return found.map((note, at) => {
    if (note === undefined || note.isDeclared) return note;
    const seconds = secondsAt.get(at);
    return typeof seconds === 'number' ? { ...note, seconds } : undefined;
  });
}
