import { globSync } from 'node:fs';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../run-node.ts';
import { brokenLinks } from './check/broken-links.ts';

const pages = globSync(['*.md', '{cli,console,docs,functions,infra,lab,ops,server}/**/*.md'], {
  cwd: REPOSITORY,
  exclude: (name) => name === 'node_modules',
});

it.each(pages)('%s links only to files and headings that exist', (page) => {
  expect(brokenLinks(page)).toEqual([]);
});
