import path from 'node:path';
import { expect, it } from 'vitest';
import { readSources } from './read-sources.ts';

/** What each capability, or each part of it, has by this name. */
const ROLES: ReadonlySet<string> = new Set(['handler.ts', 'contract.ts', 'main.ts']);

/** `functions/deploy`, `cli/releases`; `console` for a room without capabilities. */
const capabilityOf = (file: string): string => (/^(?:functions|cli|session)\/[^/]+(?=\/)|^[^/]+/.exec(file)?.[0] ?? file) as string;

it('no two files of a capability have the same name: a name that is searched for, or stands in a stack trace, is that of one file', () => {
  const files = readSources('{advisor,cli,console,functions,infra,package,server,session}/**/*.{ts,mjs,py}').map(({ file }) => file);
  expect(files.length).toBeGreaterThan(800);
  const named = Map.groupBy(files, (file) => `${capabilityOf(file)}: ${path.basename(file)}`);
  const twice = [...named].filter(([, those]) => those.length > 1 && !ROLES.has(path.basename(those[0] as string)));
  expect(twice.map(([, those]) => those)).toEqual([]);
});

it('what runs write lies in the one .holdfast of the checkout, wherever the program is that writes it', () => {
  const written = readSources('{bin,cli,console,infra,lab,package,setup,test}/**/*.{ts,mjs}').flatMap(({ file, text }) =>
    [...text.matchAll(/dirname, '((?:\.\.\/)+\.holdfast)\b/g)].map(([, folder]) => [file, path.join(path.dirname(file), `${folder}`)]),
  );
  expect(written.length).toBeGreaterThan(4);
  expect(written.filter(([, folder]) => folder !== '.holdfast')).toEqual([]);
});
