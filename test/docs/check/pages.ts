/** The pages of the documentation. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from '../../run-node.ts';

/** Paths from the repository's root. */
export const PAGES: readonly string[] = ['README.md', ...globSync('docs/**/*.md', { cwd: REPOSITORY }).toSorted()];

/** For people who run Holdfast, and not for those who change it. */
export const isForUsers = (page: string): boolean => !page.startsWith('docs/internals/');

export const readPage = (page: string): string => readFileSync(path.join(REPOSITORY, page), 'utf8');

/** A page without its listings, which are indented in lists. */
export const withoutCode = (text: string): string => text.replace(/^ *```.*?^ *```/gms, '');

export const countWords = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length;
