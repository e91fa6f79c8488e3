/** Situations of files: our own, or those of a folder that others wrote. */
import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readSituation, type Situation } from './situation.ts';

export const OWN = path.join(import.meta.dirname, 'cases');

/** It names the file, what of it is wrong and what to do. Nothing was run. */
class NoSituation extends TypeError {
  override readonly name = 'NoSituation';
}

export interface CaseFile {
  /** `store.json` */
  readonly file: string;
  readonly situations: readonly Situation[];
}

/** @throws NoSituation */
export const readSituations = async (folder: string): Promise<readonly Situation[]> =>
  (await readCases(folder)).flatMap(({ situations }) => situations);

/**
 * Every situation of the folder's files, by their names: JSON, or TypeScript with a default export; one situation or an array of them.
 * @throws NoSituation
 */
export async function readCases(folder: string): Promise<readonly CaseFile[]> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new NoSituation(`${folder} is not a folder. Nothing was run: give --from a folder with situations (lab/situations/README.md)`);
  const files = globSync('*.{json,ts}', { cwd: folder })
    .filter((file) => !file.endsWith('.test.ts'))
    .toSorted();
  if (files.length === 0) throw new NoSituation(`${folder} has no file that ends in .json or .ts. Nothing was run`);
  const names = new Set<string>();
  const read: CaseFile[] = [];
  for (const file of files) {
    const situations: Situation[] = [];
    for (const [index, value] of [await valuesIn(path.resolve(folder, file))].flat().entries()) {
      const one = readSituation(value);
      if (typeof one === 'string')
        throw new NoSituation(
          `${file}, situation ${index + 1}${nameOf(value)}: ${one}\nNothing was run: lab/situations/README.md has the form`,
        );
      if (names.has(one.name))
        throw new NoSituation(`${file}: there is a situation ${one.name} already. Nothing was run: give each its own name`);
      names.add(one.name);
      situations.push(one);
    }
    read.push({ file, situations });
  }
  return read;
}

async function valuesIn(file: string): Promise<unknown> {
  try {
    if (file.endsWith('.json')) return JSON.parse(readFileSync(file, 'utf8')) as unknown;
    return ((await import(pathToFileURL(file).href)) as { default?: unknown }).default;
  } catch (error) {
    throw new NoSituation(`${path.basename(file)} cannot be read: ${(error as Error).message}. Nothing was run`);
  }
}

const nameOf = (value: unknown): string =>
  typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' ? ` (${value.name})` : '';
