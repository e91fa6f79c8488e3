import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { counted } from '../../../functions/shared/texts.ts';

it.each([
  [0, 'server', '0 servers'],
  [1, 'server', '1 server'],
  [2, 'server', '2 servers'],
  [1, 'reply', '1 reply'],
  [3, 'reply', '3 replies'],
  [2, 'key', '2 keys'],
] as const)('%i %s is %s', (count, one, expected) => expect(counted(count, one)).toBe(expected));

/** What one user, one request and one session make at once in a small installation. */
const ONES = /\$\{[^{}]*\b(requests|grown|sessions|replicas|users|keys)\} (requests|sessions|replicas|users|keys)\b/;
/** Numbers that are part of another number, or that are never 1. */
const NEVER_ONE = /\b(of|most|last|about|has read|parts have|make) (\$\{|the)|mostRequests|\$\{groups/;

it.each(['cli', 'functions/instance', 'lab/demo/traffic'])('no text of %s says "1 requests"', (folder) => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const wrong = files.flatMap((name) =>
    readFileSync(`${folder}/${name}`, 'utf8')
      .split('\n')
      .filter((line) => ONES.test(line) && !NEVER_ONE.test(line))
      .map((line) => `${folder}/${name}: ${line.trim()}`),
  );
  expect(wrong).toEqual([]);
});
