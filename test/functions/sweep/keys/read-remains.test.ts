/** What is left of sessions that are over, by the fields of their hashes. */
import { describe, expect, it } from 'vitest';
import type { Remains } from '../../../../functions/sweep/contract/tally.ts';
import { CATALOGUE } from '../../../../functions/sweep/keys/catalogue.ts';
import type { Dialect, LifeSource } from '../../../../functions/sweep/keys/dialect.ts';
import { readBoolean } from '../../../../functions/sweep/keys/evidence.ts';
import { UNREAD } from '../../../../functions/sweep/keys/read-expiry.ts';
import { fieldsOf, readRemains } from '../../../../functions/sweep/keys/read-life.ts';

const sessionsOf = (name: string): LifeSource | undefined =>
  (CATALOGUE.find((dialect) => dialect.name === name) as Dialect).rules.find(({ role }) => role === 'session')?.life;
const TIME = '1700000000000';
const SPRING = { lastAccessedTime: TIME, maxInactiveInterval: '1800' };
const REDISSON = {
  'session:lastAccessedTime': TIME,
  'session:maxInactiveInterval': '1800',
  'session:isExpirationLocked': '\x05\x00',
};

describe('what a hash is', () => {
  it.each<[string, string, Readonly<Record<string, string | typeof UNREAD>>, Remains | undefined]>([
    ['a session of Spring', 'spring-session', SPRING, undefined],
    ['without expiry', 'spring-session', { ...SPRING, maxInactiveInterval: '-1' }, undefined],
    ['logged out of', 'spring-session', { ...SPRING, maxInactiveInterval: '0' }, 'ended'],
    ['saved to by a late request', 'spring-session', { lastAccessedTime: TIME }, 'partial'],
    ['in a form that cannot be read', 'spring-session', { ...SPRING, maxInactiveInterval: UNREAD }, undefined],
    ['gone since its page was read', 'spring-session', {}, undefined],
    ['a session of Redisson', 'redisson-tomcat', REDISSON, undefined],
    ['without broadcastSessionEvents', 'redisson-tomcat', { ...REDISSON, 'session:isExpirationLocked': 'false' }, undefined],
    ['logged out of, on Redisson', 'redisson-tomcat', { ...REDISSON, 'session:isExpirationLocked': '\x05\x01' }, 'ended'],
    ['logged out of when it had gone', 'redisson-tomcat', { 'session:isExpirationLocked': '\x05\x01' }, 'ended'],
    ['written back by a server with a copy', 'redisson-tomcat', { 'session:lastAccessedTime': TIME }, 'ghost'],
    ['of a framework that leaves nothing', 'asp-net-core', { absexp: '-1' }, undefined],
  ])('%s', (_, dialect, fields, expected) => {
    expect(readRemains(sessionsOf(dialect), fields)).toBe(expected);
  });

  it('needs the fields that its life is read from, and at most one more', () => {
    expect(fieldsOf(sessionsOf('spring-session') as LifeSource)).toEqual(['lastAccessedTime', 'maxInactiveInterval']);
    expect(fieldsOf(sessionsOf('redisson-tomcat') as LifeSource)).toEqual(Object.keys(REDISSON));
  });
});

it.each([
  ['true', true],
  ['false', false],
  ['\x05\x01', true],
  ['\x05\x00', false],
  ['\x05', undefined],
  ['TRUE', undefined],
  ['\x02\x01', undefined],
])('the truth value %j', (text, expected) => {
  expect(readBoolean(text)).toBe(expected);
});

it('the truth values of the JDK’s serialisation', () => {
  const [no, yes] = ['00', '01'].map((last) =>
    Buffer.from(`aced0005737200116a6176612e6c616e672e426f6f6c65616ecd207280d59cfaee0200015a000576616c75657870${last}`, 'hex').toString(
      'latin1',
    ),
  );
  expect([readBoolean(no ?? ''), readBoolean(yes ?? '')]).toEqual([false, true]);
});
