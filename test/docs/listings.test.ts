/** Listings of pages that say where they are from: `<!-- from examples/… -->` before the code. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const LISTING = /^<!-- from (\S+) -->\n\n```\w+\n(.*?)^```$/gms;

const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');
const listings = globSync('docs/**/*.md', { cwd: REPOSITORY }).flatMap((page) =>
  [...read(page).matchAll(LISTING)].map(([, file = '', code = '']) => ({ page, file, code, first: code.split('\n')[0] })),
);

it('some pages have listings', () => {
  expect(listings.filter(({ page }) => page === 'docs/spring.md').length).toBeGreaterThan(6);
});

/** A listing of a part begins at the margin, which its file may not. */
const indented = (code: string, spaces: number) => code.replace(/^(?=.)/gm, ' '.repeat(spaces));

it.each(listings)('$page has $first as it is in $file', ({ file, code }) => {
  expect(code.trim()).not.toBe('');
  const text = read(file);
  expect([0, 2, 4, 6, 8].some((spaces) => text.includes(indented(code, spaces)))).toBe(true);
});
