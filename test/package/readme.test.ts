import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { expect, it } from 'vitest';
import { addInit } from '../../cli/installation/add-init.ts';
import { addCommands } from '../../cli/program.ts';
import { addConsole } from '../../console/add-command.ts';

const readme = readFileSync('package/README.md', 'utf8');

it('the README of the package names init, and only commands and pages that the package has', () => {
  const program = new Command('holdfast');
  const nothing = async () => {};
  addInit(program, nothing);
  addConsole(program, nothing);
  addCommands(program, nothing);
  const known = program.commands.map((command) => command.name());
  const named = [...readme.matchAll(/holdfast ([a-z][a-z-]*)/g)].map(([, name = '']) => name);
  expect(named).toContain('init');
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
  const pages = [...readme.matchAll(/docs\/[a-z-]+\.md/g)].map(([page]) => page);
  expect(pages.length).toBeGreaterThanOrEqual(5);
  expect(pages.filter((page) => !existsSync(page))).toEqual([]);
  // What only a checkout has.
  expect(readme).not.toMatch(/npm start|npm run|holdfast up|examples\//);
});
