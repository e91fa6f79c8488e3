/** Every import between files of this repository, read from the text: static, type-only, re-exporting and dynamic ones. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

/** Paths are relative to the repository, with `/`. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

const RELATIVE_IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g;

/** @param folders top-level folders whose files are read */
export function readImports(folders: readonly string[]): readonly Import[] {
  const files = folders.flatMap((folder) =>
    globSync(`${folder}/**/*.{ts,mjs}`, { cwd: REPOSITORY, exclude: (name) => name === 'node_modules' }),
  );
  return files.flatMap((from) =>
    importsOf(readFileSync(path.join(REPOSITORY, from), 'utf8')).map((target) => ({
      from,
      to: path.posix.join(path.posix.dirname(from), target),
    })),
  );
}

export const importsOf = (source: string): readonly string[] => [...source.matchAll(RELATIVE_IMPORT)].map(([, target]) => target as string);
