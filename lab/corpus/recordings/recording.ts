/** What a recorder wrote: the keys that a library left in a real store, without what differs from one run to the next. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { CHECKOUT } from '../../../setup/checkout.mjs';
import type { Packages } from '../library.ts';

/** Bytes are characters (latin1); times are placeholders (times.ts). Lists, sets and sorted sets have their members in order. */
export type RecordedValue =
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'hash'; readonly value: Readonly<Record<string, string>> }
  | { readonly type: 'list' | 'set'; readonly value: readonly string[] }
  | { readonly type: 'zset'; readonly value: readonly (readonly [member: string, score: string])[] }
  | { readonly type: 'stream'; readonly value: readonly (readonly [id: string, fieldsAndValues: readonly string[]])[] };

export type RecordedKey = RecordedValue & {
  readonly name: string;
  /** In seconds, as the library wrote it; absent for none. */
  readonly ttl?: number;
  /** The command that set the TTL. */
  readonly ttlBy?: string;
};

export interface Recording {
  readonly library: string;
  readonly version: string;
  readonly packages: Packages;
  /** What writes this file again. */
  readonly command: string;
  /** The engine, or that the keys were written by hand from the library's source. */
  readonly from: string;
  readonly keys: readonly RecordedKey[];
}

export const KEYS_FOLDER = path.join(CHECKOUT, 'test/corpus/keys');
export const MAX_FILE_BYTES = 65_536;
export const MAX_FOLDER_BYTES = 512_000;

export const fileOf = (name: string): string => path.join(KEYS_FOLDER, `${name}.json`);

/** Every recording, by name. */
export const readRecordings = (): ReadonlyMap<string, Recording> =>
  new Map(
    readdirSync(KEYS_FOLDER)
      .filter((file) => file.endsWith('.json'))
      .sort()
      .map((file) => [file.slice(0, -5), JSON.parse(readFileSync(path.join(KEYS_FOLDER, file), 'utf8')) as Recording]),
  );
