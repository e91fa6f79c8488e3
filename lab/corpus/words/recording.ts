/** What a recorder of words wrote: entries of logs as users of a client or a framework have them. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CHECKOUT } from '../../../setup/checkout.mjs';
import type { Packages } from '../library.ts';

export interface RecordedError {
  /** What was wrong: a situation of the table, or what its program names. */
  readonly of: string;
  /** The lines of one entry. */
  readonly log: readonly string[];
}

export interface WordsRecording {
  readonly client: string;
  readonly version: string;
  readonly packages: Packages;
  /** What writes this file again. */
  readonly command: string;
  /** The engine, or that it was written by hand from the source. */
  readonly from: string;
  readonly errors: readonly RecordedError[];
}

export const WORDS_FOLDER = path.join(CHECKOUT, 'test/corpus/words');
export const MAX_WORDS_BYTES = 2_000_000;

export const wordsFileOf = (name: string): string => path.join(WORDS_FOLDER, `${name}.json`);

/** Every recording, by name. */
export const readWords = (): ReadonlyMap<string, WordsRecording> =>
  new Map(
    readdirSync(WORDS_FOLDER)
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => [file.slice(0, -5), JSON.parse(readFileSync(path.join(WORDS_FOLDER, file), 'utf8')) as WordsRecording]),
  );
