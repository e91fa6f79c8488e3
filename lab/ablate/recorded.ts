/** What the last whole run came to. The digest is of what it was made from, so that a quick test sees whether it is still about these tables. */
import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Measured } from './ablate.ts';
import { elementsOf } from './elements.ts';
import { TABLES } from './tables.ts';

export interface Recorded {
  readonly elements: number;
  /** They change no case alone, nor with another one of their row that changes none. */
  readonly inert: readonly string[];
  readonly digest: string;
}

const FILE = path.join(import.meta.dirname, 'recorded.json');
const SITUATIONS = path.join(import.meta.dirname, '../situations');

/** Of the tables' elements, of the stored evidence and of its judgement. */
export function digestOfToday(): string {
  const hash = createHash('sha256');
  for (const { name, asks = '' } of TABLES.flatMap(elementsOf)) hash.update(`${name}\n${asks}\n`);
  const files = ['judged.json', ...globSync('evidence/*', { cwd: SITUATIONS }).toSorted()];
  for (const file of files) hash.update(readFileSync(path.join(SITUATIONS, file)));
  return hash.digest('hex').slice(0, 16);
}

export const summarize = (measured: readonly Measured[]): Recorded => ({
  elements: measured.length,
  inert: measured.filter(({ alone, pairs }) => alone.length === 0 && Object.keys(pairs).length === 0).map(({ element }) => element),
  digest: digestOfToday(),
});

export const readRecorded = (): Recorded => JSON.parse(readFileSync(FILE, 'utf8')) as Recorded;
export const writeRecorded = (recorded: Recorded, file = FILE): void => writeFileSync(file, `${JSON.stringify(recorded, undefined, 2)}\n`);
