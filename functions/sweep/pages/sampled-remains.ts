import type { Remains } from '../contract/tally.ts';
import type { Classify } from '../keys/classify-key.ts';
import type { LifeSource } from '../keys/dialect.ts';
import { fieldsOf } from '../keys/read-life.ts';
import { readRemains } from '../keys/read-remains.ts';
import type { Sample, SweepStore } from '../store/sweep-store.ts';
import { asText, fieldTexts } from './read-lives.ts';

/** The sampled keys that are left of a session that is over. */
export type RemainsOfSamples = ReadonlyMap<Sample, Remains>;

/** A sampled session whose fields show whether it is over. */
export interface Suspect {
  readonly sample: Sample;
  readonly life: LifeSource;
}

export const suspectsIn = (samples: readonly Sample[], classify: Classify): readonly Suspect[] =>
  samples.flatMap((sample) => {
    const life = classify(asText(sample.key), sample.type)?.rule.life;
    return life?.from === 'fields' && life.remains ? [{ sample, life }] : [];
  });

/** Reads the fields of these sessions, in two round trips. @throws the connection's error */
export async function readSampledRemains(suspects: readonly Suspect[], store: Pick<SweepStore, 'readFields'>): Promise<RemainsOfSamples> {
  const found = await store.readFields(suspects.map(({ sample, life }) => ({ key: sample.key, fields: fieldsOf(life) })));
  const remains = suspects.map(({ sample, life }, at) => [sample, readRemains(life, fieldTexts(found[at] ?? {}))] as const);
  return new Map(remains.filter((one): one is readonly [Sample, Remains] => one[1] !== undefined));
}
