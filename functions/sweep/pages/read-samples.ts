import type { Remains } from '../contract/tally.ts';
import type { Classify } from '../keys/classify-key.ts';
import type { LifeSource } from '../keys/dialect.ts';
import { fieldsOf } from '../keys/read-life.ts';
import { isForeign, readRemains } from '../keys/read-remains.ts';
import type { Sample, SweepStore } from '../store/sweep-store.ts';
import { asText, fieldTexts } from './read-lives.ts';

/** What the fields of sampled keys show besides their names: what is left of a session that is over, and another program's key. */
export type ReadSamples = ReadonlyMap<Sample, Remains | 'foreign'>;

/** A sampled key whose fields show what it is. */
export interface Suspect {
  readonly sample: Sample;
  readonly life: LifeSource;
}

export const suspectsIn = (samples: readonly Sample[], classify: Classify): readonly Suspect[] =>
  samples.flatMap((sample) => {
    const life = classify(asText(sample.key), sample.type)?.rule.life;
    return life?.from === 'ticks' || (life?.from === 'fields' && life.remains) ? [{ sample, life }] : [];
  });

/** Reads the fields of these keys, in two round trips. @throws the connection's error */
export async function readSamples(suspects: readonly Suspect[], store: Pick<SweepStore, 'readFields'>): Promise<ReadSamples> {
  const found = await store.readFields(suspects.map(({ sample, life }) => ({ key: sample.key, fields: fieldsOf(life) })));
  const read = suspects.map(({ sample, life }, at) => {
    const fields = fieldTexts(found[at] ?? {});
    return [sample, isForeign(life, fields) ? ('foreign' as const) : readRemains(life, fields)] as const;
  });
  return new Map(read.filter((one): one is readonly [Sample, Remains | 'foreign'] => one[1] !== undefined));
}
