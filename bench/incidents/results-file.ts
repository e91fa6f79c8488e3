/** Results of finished cases, so that an interrupted run can go on. */
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { CaseResult } from './judge.ts';

export interface ResultsFile {
  read(): readonly CaseResult[];
  add(result: CaseResult): void;
  remove(): void;
}

export function resultsFile(file: string): ResultsFile {
  const read = (): readonly CaseResult[] => {
    try {
      return JSON.parse(readFileSync(file, 'utf8')) as readonly CaseResult[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw new Error(`${file} cannot be read (${(error as Error).message}): remove it, and run without --resume`, { cause: error });
    }
  };
  return {
    read,
    add(result) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify([...read().filter(({ name }) => name !== result.name), result]));
      renameSync(`${file}.new`, file);
    },
    remove: () => rmSync(file, { force: true }),
  };
}
