/** The imports of this repository's files, read from their text. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');

/** Paths are relative to the repository, with `/`. */
export interface Import {
  readonly from: string;
  readonly to: string;
}

/** Static, type-only, re-exporting and dynamic imports. */
const RELATIVE_IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"]((?:\.|#local-aws\/)[^'"]+)['"]/g;

/** `import { type A }` loads its file: of the imports of types, only `import type` is erased. */
const LOAD = /^(?:import|export)\s+(?!type\s)(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"]+)['"]|\bawait\s+import\(\s*['"]([^'"]+)['"]/gm;

/**
 * Every import between files of this repository.
 * @param folders of the files that are read
 */
export const readImports = (folders: readonly string[]): readonly Import[] => readWith(importsOf, folders);

/**
 * Every import that loads a file or a package at run time; a package is named as in the import.
 * @param folders of the files that are read
 */
export const readLoads = (folders: readonly string[]): readonly Import[] => readWith(loadsOf, folders);

export const importsOf = (source: string): readonly string[] => [...source.matchAll(RELATIVE_IMPORT)].map(([, target]) => target as string);

export const loadsOf = (source: string): readonly string[] =>
  [...source.matchAll(LOAD)].map(([, target, awaited]) => (target ?? awaited) as string);

function readWith(targetsOf: (source: string) => readonly string[], folders: readonly string[]): readonly Import[] {
  const files = folders.flatMap((folder) =>
    globSync(`${folder}/**/*.{ts,mjs}`, { cwd: REPOSITORY, exclude: (name) => name === 'node_modules' }),
  );
  return files.flatMap((from) =>
    targetsOf(readFileSync(path.join(REPOSITORY, from), 'utf8')).map((target) => ({
      from,
      to: resolve(from, target),
    })),
  );
}

/** The only alias is that of `imports` in package.json. */
const resolve = (from: string, target: string): string =>
  target.startsWith('.') ? path.posix.join(path.posix.dirname(from), target) : target.replace(/^#local-aws\//, 'lab/local-aws/');

/** The shortest path of imports from the file to each one that is wanted, as `a.ts → b.ts → package`. Pure. */
export function findPaths(imports: readonly Import[], from: string, isWanted: (to: string) => boolean): readonly string[] {
  const targets = new Map<string, string[]>();
  for (const one of imports) targets.set(one.from, [...(targets.get(one.from) ?? []), one.to]);
  const paths = new Map([[from, from]]);
  for (const [file, way] of paths) for (const to of targets.get(file) ?? []) if (!paths.has(to)) paths.set(to, `${way} → ${to}`);
  return [...paths].filter(([to]) => isWanted(to)).map(([, way]) => way);
}
