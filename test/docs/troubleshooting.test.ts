/** docs/troubleshooting.md has each name that an error of the command line begins with, once. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { REPOSITORY } from '../run-node.ts';

const read = (file: string) => readFileSync(path.join(REPOSITORY, file), 'utf8');
const sources = (...patterns: string[]) =>
  patterns.flatMap((pattern) => globSync(pattern, { cwd: REPOSITORY, exclude: (name) => name === 'test' })).map(read);
const found = (texts: readonly string[], ...patterns: RegExp[]) => [
  ...new Set(texts.flatMap((text) => patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, name = '']) => name)))),
];

/** Classes that no message begins with: what they carry has a code of its own, or doctor catches them. */
const WITHOUT_A_NAME = ['CommandFailure', 'NotARead', 'NotFound'];
/** The runbook has those of a failed deploy, which a test of alarms compares. */
const OF_DEPLOYS = ['ReleaseNotFound'];

it('has each name of the command line once', () => {
  const texts = sources(
    'cli/**/*.ts',
    'bin/*.ts',
    'lab/demo/*.ts',
    'lab/demo/incident-faults/*.ts',
    'setup/setup-error.mjs',
    'package/build-code.ts',
    'holdfast',
  );
  const names = found(
    texts,
    /(?:new CommandFailure|badInput)\(\s*'([A-Z]\w+)'/g,
    /\bcode: '([A-Z]\w+)'/g,
    /^export const [A-Z_]+ = '([A-Z][a-z]+[A-Z]\w+)';$/gm,
    /\bname(?:: string)? = '([A-Z]\w+)'/g,
    /[`']([A-Z]\w+): Holdfast (?:needs|is not)/g,
  ).filter((name) => ![...WITHOUT_A_NAME, ...OF_DEPLOYS].includes(name));
  expect(names.length).toBeGreaterThan(60);
  const rows = read('docs/troubleshooting.md')
    .split('\n')
    .filter((line) => /^- `/.test(line));
  const documented = rows.flatMap((row) => [...(row.split(':')[0] ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name));
  expect(documented.filter((name, at) => documented.indexOf(name) !== at)).toEqual([]);
  expect(names.filter((name) => !documented.includes(name))).toEqual([]);
  const others = sources('infra/config.ts', 'advisor/situation.ts', 'functions/releases/publish/publish.ts');
  expect(
    documented.filter(
      (name) => ![...texts, ...others].some((text) => [`'${name}'`, `${name}: `].some((written) => text.includes(written))),
    ),
  ).toEqual([]);
});
