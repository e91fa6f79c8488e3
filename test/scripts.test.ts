/** Every script of package.json is run by the full suite, and every one that a page names exists. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from './run-node.ts';
import { RUN_BY, SHORT_RUNS } from './scripts.ts';

const { scripts } = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8')) as { scripts: Record<string, string> };

it('each script has something that runs it', () => {
  const run = new Set([...Object.keys(SHORT_RUNS), ...Object.keys(RUN_BY)].map((name) => name.split(' ')[0]));
  expect([...run].sort()).toEqual(Object.keys(scripts).sort());
  for (const [name, file] of Object.entries(RUN_BY)) expect([name, existsSync(path.join(REPOSITORY, file))]).toEqual([name, true]);
});

it('each script that a page names exists', () => {
  const pages = globSync(['*.md', '{cli,console,docs,examples,functions,infra,lab,ops,server}/**/*.md'], {
    cwd: REPOSITORY,
    exclude: (name) => name === 'node_modules',
  });
  const named = pages.flatMap((page) =>
    [...readFileSync(path.join(REPOSITORY, page), 'utf8').matchAll(/npm run ([a-z][a-z:-]*[a-z])/g)].map(([, name = '']) => ({
      page,
      name,
    })),
  );
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter(({ name }) => !(name in scripts))).toEqual([]);
});
