/** A Region's partition decides how its ARNs begin and in which domain its endpoints are: nothing that users run fixes either. */
import { expect, it } from 'vitest';
import { readSources } from './read-sources.ts';

/** Whatever has an ARN of its own account, or is an example of one: the local cloud is an account of the partition `aws`. */
const OF_ONE_PARTITION = [
  'lab/',
  'cli/installation/add-init.ts',
  'functions/incidents/report/plain.ts',
  'functions/shared/aws/partition.ts',
];
const SOURCES = readSources(
  '{bin,cli,console,examples,functions,infra,lab,ops,package,server,session,setup}/**/*.{ts,mts,mjs,js,py,sh,java}',
).filter(({ file }) => !OF_ONE_PARTITION.some((allowed) => file.startsWith(allowed)));

/** Lines that match, as `file: line`. A comment of documentation may name an ARN or an address. */
const linesWith = (pattern: RegExp) =>
  SOURCES.flatMap(({ file, text }) =>
    text
      .split('\n')
      .filter((line) => pattern.test(line) && !/^\s*(\/?\*|\/\/|#)/.test(line))
      .map((line) => `${file}: ${line.trim()}`),
  );

it('no source builds or matches an ARN of the partition "aws" alone', () => {
  expect(SOURCES.length).toBeGreaterThan(500);
  expect(linesWith(/arn:aws:/)).toEqual([]);
});

it('no source builds an address in the domain of the partition "aws" alone', () => {
  expect(linesWith(/\.amazonaws\.com/).filter((line) => !/'[a-z0-9]+\.amazonaws\.com'/.test(line))).toEqual([]);
});
