import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configurationPage, configurationTables } from './configuration-page.ts';

const page = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');

it('docs/configuration.md has the tables that "npm run docs -- configuration" writes', () => {
  expect(configurationPage(page)).toBe(page);
});

it('each key is in one table, with a default and a meaning', () => {
  const rows = [...configurationTables().values()].flat();
  expect(rows.length).toBeGreaterThan(190);
  expect(rows.filter(({ meaning }) => meaning.length < 5)).toEqual([]);
  const ofTable = [...configurationTables()].flatMap(([table, keys]) => keys.map(({ key }) => `${table}: ${key}`));
  expect(ofTable).toEqual([...new Set(ofTable)]);
});
