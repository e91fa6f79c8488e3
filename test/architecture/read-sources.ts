import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
/** Folders that are no source: packages, what builds and runs write, and virtual environments of Python. */
const NO_SOURCE: ReadonlySet<string> = new Set(['node_modules', '.holdfast', '.git', 'cdk.out', 'dist', 'target', '.venv']);

export interface Source {
  /** Relative to the repository, with `/`. */
  readonly file: string;
  readonly text: string;
}

/** @param pattern a glob, relative to the repository */
export const readSources = (pattern: string): readonly Source[] =>
  globSync(pattern, { cwd: REPOSITORY, exclude: (name) => NO_SOURCE.has(path.basename(name)) }).map((file) => ({
    file: file.split(path.sep).join('/'),
    text: readFileSync(path.join(REPOSITORY, file), 'utf8'),
  }));
