/** Results of finished cases, so that a run that was cut between two cases can go on: with the same commit and the same seed alone. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CaseResult } from './judge.ts';

/** What a run is of: results of two different ones say nothing together. */
export interface RunKey {
  readonly commit: string;
  /** Null without --shuffle. */
  readonly seed: string | null;
}

export interface ResultsFile {
  read(): readonly CaseResult[];
  add(result: CaseResult): void;
  remove(): void;
}

interface Kept extends RunKey {
  readonly results: readonly CaseResult[];
}

/** @throws TypeError of `read` where the file is of another run */
export function resultsFile(file: string, key: RunKey): ResultsFile {
  const read = (): readonly CaseResult[] => {
    const kept = readKept(file);
    if (kept === undefined) return [];
    const [now, then] = [describeKey(key), describeKey(kept)];
    if (now !== then) throw new TypeError(`--resume goes on with ${then} alone, and this is ${now}: nothing was started`);
    return kept.results;
  };
  return {
    read,
    add(result) {
      mkdirSync(path.dirname(file), { recursive: true });
      const results = [...read().filter(({ name }) => name !== result.name), result];
      writeFileSync(`${file}.new`, JSON.stringify({ ...key, results } satisfies Kept));
      renameSync(`${file}.new`, file);
    },
    remove: () => rmSync(file, { force: true }),
  };
}

function readKept(file: string): Kept | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${file} cannot be read (${(error as Error).message}): remove it, and run without --resume`, { cause: error });
  }
}

const describeKey = ({ commit, seed }: RunKey): string => `commit ${commit} ${seed === null ? 'in its usual order' : `with seed ${seed}`}`;
