/** Listings of pages that say where they are from: `<!-- from examples/… -->` before the code. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const REPOSITORY = path.resolve(import.meta.dirname, '../..');
const LISTING = /^<!-- from (\S+) -->\n\n```\w+\n(.*?)^```$/gms;

const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');
const listings = globSync('docs/*.md', { cwd: REPOSITORY }).flatMap((page) =>
  [...read(page).matchAll(LISTING)].map(([, file = '', code = '']) => ({ page, file, code, first: code.split('\n')[0] })),
);

it('some pages have listings', () => {
  expect(listings.filter(({ page }) => page === 'docs/spring.md').length).toBeGreaterThan(8);
});

it.each(listings)('$page has $first as it is in $file', ({ file, code }) => {
  expect(code.trim()).not.toBe('');
  expect(read(file)).toContain(code);
});
