/** The result of `npm run check:corpus`, and how it compares with the list of what is wrong today. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { CHECKOUT } from '../../../setup/checkout.mjs';
import { LIBRARIES } from '../libraries/all.ts';
import { type Recording, readRecordings } from '../recordings/recording.ts';
import { type CheckedKey, checkForeign, checkKeys, type ForeignCheck, type Store } from './check-corpus.ts';
import { checkLearnt } from './check-learnt.ts';
import { keyAt } from './plant.ts';

export interface CorpusReport {
  /** Session libraries that were recorded; those written from their source are not among them. */
  readonly libraries: number;
  readonly keys: { readonly total: number; readonly recognised: number; readonly byLearn: number; readonly wrong: readonly string[] };
  readonly foreign: ForeignCheck;
}

export interface WrongToday {
  readonly keys: readonly string[];
  readonly foreignKeys: readonly string[];
  readonly foreign: Pick<ForeignCheck, 'touched' | 'counted'>;
}

export interface CheckedCorpus {
  readonly report: CorpusReport;
  readonly wrong: WrongToday;
  readonly checked: readonly CheckedKey[];
}

const WRONG_TODAY = path.join(CHECKOUT, 'test/corpus/wrong-today.json');

/** What is wrong until the sweep judges by name and content. The list only shrinks. */
export const readWrongToday = (): WrongToday => JSON.parse(readFileSync(WRONG_TODAY, 'utf8')) as WrongToday;

const SAME = 0.9;

const linesOf = (checked: readonly CheckedKey[]): string[] =>
  checked.flatMap(({ library, key, wrong }) => (wrong === undefined ? [] : `${library}: ${key}: ${wrong}`)).sort();

/** Keys that only a learnt dialect can recognise, with what came of it. */
async function withLearnt(checked: readonly CheckedKey[], recordings: ReadonlyMap<string, Recording>, store: Store): Promise<CheckedKey[]> {
  const startMs = Date.now();
  const keysOf = (name: string) => recordings.get(name)?.keys ?? [];
  const foreign = [...LIBRARIES.values()]
    .filter(({ kind }) => kind === 'foreign')
    .flatMap(({ name }) => keysOf(name).map((key) => keyAt(key, startMs)));
  const result: CheckedKey[] = [];
  for (const one of checked) {
    const recorded = keysOf(one.library).find(({ name }) => name === one.key);
    const isToLearn = one.expected.onlyByLearning && one.swept.dialect === 'unknown' && recorded !== undefined;
    result.push(isToLearn ? { ...one, wrong: await checkLearnt(store, keyAt(recorded, startMs), one.expected, foreign) } : one);
  }
  return result;
}

const NEIGHBOURS = 10_000;

/** @param neighbours number of keys to make of the foreign ones */
export async function checkCommitted(store: Store, neighbours = NEIGHBOURS): Promise<CheckedCorpus> {
  const recordings = readRecordings();
  const sessions = await withLearnt(await checkKeys('session', recordings, LIBRARIES, store), recordings, store);
  const others = await checkKeys('foreign', recordings, LIBRARIES, store);
  const foreign = await checkForeign(recordings, LIBRARIES, { ...store, neighbours });
  const recorded = [...recordings.keys()].map((name) => LIBRARIES.get(name));
  const right = sessions.filter(({ wrong }) => wrong === undefined);
  const byLearn = right.filter(({ expected, swept }) => expected.onlyByLearning && swept.dialect === 'unknown').length;
  const wrong = { keys: linesOf(sessions), foreignKeys: linesOf(others), foreign: { touched: foreign.touched, counted: foreign.counted } };
  return {
    report: {
      libraries: recorded.filter((library) => library?.kind === 'session' && library.registry !== 'source').length,
      keys: { total: sessions.length, recognised: right.length - byLearn, byLearn, wrong: wrong.keys },
      foreign,
    },
    wrong,
    checked: [...sessions, ...others],
  };
}

/** @returns for each difference from the list what it is, and what to do. Pure */
export function compareWithToday(found: WrongToday, listed: WrongToday): string[] {
  const lines = (is: readonly string[], was: readonly string[]) => [
    ...is.filter((line) => !was.includes(line)).map((line) => `newly wrong: ${line}`),
    ...was.filter((line) => !is.includes(line)).map((line) => `right now: remove it from test/corpus/wrong-today.json: ${line}`),
  ];
  // A SCAN can return a key twice, so that the numbers differ a little from one run to the next.
  const counts = (['touched', 'counted'] as const).flatMap((name) => {
    const [is, was] = [found.foreign[name], listed.foreign[name]];
    if (is > was) return [`more foreign keys ${name}: ${is}, listed are ${was}`];
    return is < was * SAME ? [`fewer foreign keys ${name}: write ${is} into test/corpus/wrong-today.json instead of ${was}`] : [];
  });
  return [...lines(found.keys, listed.keys), ...lines(found.foreignKeys, listed.foreignKeys), ...counts];
}
