/** Which recorded keys a sweep takes for something else where a rule of its catalogue is taken out. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CATALOGUE } from '../../functions/sweep/keys/catalogue.ts';
import type { Dialect } from '../../functions/sweep/keys/dialect.ts';
import { startStore } from '../../test/functions/sweep/real-store.ts';
import { checkKeys } from '../corpus/check/check-corpus.ts';
import { LIBRARIES } from '../corpus/libraries/all.ts';
import { readRecordings } from '../corpus/recordings/recording.ts';
import type { Measured } from './ablate.ts';
import { type Element, elementsOf } from './elements.ts';
import type { Recorded } from './recorded.ts';

export const SWEEP_FILE = path.join(import.meta.dirname, 'recorded-sweep.json');

/** Some dialects of one name are two: they are numbered. */
const elements = (): readonly Element[] =>
  elementsOf({
    ...{ name: 'dialects', rows: CATALOGUE, fields: ['rules'], wholeRows: false },
    nameOf: (dialect: Dialect) => `${CATALOGUE.indexOf(dialect)} ${dialect.name}`,
  });

/** On a real store: what is read of each key counts, not its name alone. */
export async function ablateSweep(note: (text: string) => void): Promise<readonly Measured[]> {
  const store = await startStore();
  const recordings = readRecordings();
  const look = async (): Promise<readonly string[]> => {
    const sessions = await checkKeys('session', recordings, LIBRARIES, store);
    const foreign = await checkKeys('foreign', recordings, LIBRARIES, store);
    return [...sessions, ...foreign].map(
      ({ library, key, swept, wrong }) => `${library}: ${key}: ${swept.dialect} ${swept.leftAs} ${wrong === undefined}`,
    );
  };
  try {
    const base = await look();
    const measured: Measured[] = [];
    for (const { name, field, remove } of elements()) {
      const putBack = remove();
      try {
        const without = await look();
        measured.push({ element: name, field, alone: base.filter((line, at) => line !== without[at]), pairs: {} });
      } finally {
        putBack();
      }
      note(name);
    }
    return measured;
  } finally {
    await store.stop();
  }
}

/** Of the rules, as they are written, and of the recorded keys. */
export function digestOfSweep(): string {
  const hash = createHash('sha256');
  for (const { name, maxPolicy, rules } of CATALOGUE)
    hash.update(JSON.stringify([name, maxPolicy, rules.map(({ role, type, pattern }) => [role, type, `${pattern}`])]));
  for (const [name, { keys }] of [...readRecordings()].toSorted()) hash.update(`${name}${JSON.stringify(keys)}`);
  return hash.digest('hex').slice(0, 16);
}

export const summarizeSweep = (measured: readonly Measured[]): Recorded => ({
  elements: measured.length,
  inert: measured.flatMap(({ element, alone }) => (alone.length === 0 ? [element] : [])),
  digest: digestOfSweep(),
});

export const readRecordedSweep = (): Recorded => JSON.parse(readFileSync(SWEEP_FILE, 'utf8')) as Recorded;
