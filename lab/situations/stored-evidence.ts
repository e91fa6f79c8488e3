/**
 * The evidence of our own situations as it is stored, so that it can be judged in milliseconds: one compressed file per file of cases. The
 * same situation gives the same evidence on every machine; what compresses it can differ, so contents are compared, and not files.
 */
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Evidence } from '../../functions/incidents/contract/evidence.ts';
import type { CaseFile } from './read-situations.ts';

const FOLDER = path.join(import.meta.dirname, 'evidence');
const SUFFIX = '.json.zst';
/** A file of it takes a second, and gets as small as it can. */
const LEVEL = 19;

const fileOf = (cases: string): string => path.join(FOLDER, `${path.parse(cases).name}${SUFFIX}`);
const textIn = (file: string): string | undefined => (existsSync(file) ? zstdDecompressSync(readFileSync(file)).toString() : undefined);

/** By the names of its situations. Empty where nothing is stored of it. */
export const storedEvidence = ({ file }: Pick<CaseFile, 'file'>): Readonly<Record<string, Evidence>> =>
  JSON.parse(textIn(fileOf(file)) ?? '{}') as Record<string, Evidence>;

/**
 * Stores what was collected of a file's situations, next to what is stored of the others.
 * @returns the situations whose evidence is another one than before
 */
export function storeEvidence({ file, situations }: CaseFile, collected: ReadonlyMap<string, Evidence>): readonly string[] {
  const before = storedEvidence({ file });
  const after = Object.fromEntries(
    situations.flatMap(({ name }) => {
      const evidence = collected.get(name) ?? before[name];
      return evidence === undefined ? [] : [[name, evidence]];
    }),
  );
  const text = JSON.stringify(after);
  if (text !== JSON.stringify(before)) {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(fileOf(file), zstdCompressSync(text, { params: { [constants.ZSTD_c_compressionLevel]: LEVEL } }));
  }
  return [...collected].filter(([name, evidence]) => !isSame(before[name], evidence)).map(([name]) => name);
}

/** Also in the order of its fields: a reader that gives another one each time could not be compared. */
export const isSame = (one: Evidence | undefined, other: Evidence | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Of files of cases that are no more. */
export function removeOthers(files: readonly CaseFile[]): void {
  const kept = new Set(files.map(({ file }) => fileOf(file)));
  for (const file of globSync(`*${SUFFIX}`, { cwd: FOLDER }).map((name) => path.join(FOLDER, name))) if (!kept.has(file)) rmSync(file);
}
