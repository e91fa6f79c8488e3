import { expect, it } from 'vitest';
import { accessOf } from '../../../../cli/installation/existing-store/store-facts.ts';
import { functionsAccess } from '../../../../infra/constructs/store/access-strings.ts';

const able = { on: true, unable: undefined };

it.each([
  ['the rights that Holdfast prints', functionsAccess({ engine: 'valkey', engineVersion: '8.0', clustered: true }, 'sess:')],
  ['those of Redis 6', functionsAccess({ engine: 'redis', engineVersion: '6.2', clustered: false }, 'sess:')],
  ['everything', 'on ~* +@all'],
  ['everything, in older words', 'on allkeys allcommands'],
  ['a category', 'on ~* -@all +@read'],
  ['a category that may have SCAN in this version', 'on %R~* -@all +@keyspace -@dangerous'],
  ['commands that are added to what is not named', 'on %R~* +info'],
  ['reads and writes of every key', 'on %RW~* -@all +scan'],
  ['two asterisks', 'on ~** -@all +scan'],
  ['a selector', 'on ~sess:* -@all +get (%R~* +scan)'],
])('refuses no user with %s', (_, accessString) => {
  expect(accessOf(accessString)).toEqual(able);
});

it.each([
  ['keys of one prefix', 'on ~sess:* +@all', 'neither %R~* nor ~*'],
  ['writes alone', 'on %W~* +@all', 'neither %R~* nor ~*'],
  ['no keys', 'on -@all +scan', 'neither %R~* nor ~*'],
  ['a list of commands without SCAN', 'on ~* -@all +ping +info', 'does not allow SCAN'],
])('refuses a user with %s', (_, accessString, why) => {
  expect(accessOf(accessString)).toEqual({ on: true, unable: expect.stringContaining(why) });
});

it('reads whether a user is on', () => {
  expect(accessOf('off ~* +@all').on).toBe(false);
});
