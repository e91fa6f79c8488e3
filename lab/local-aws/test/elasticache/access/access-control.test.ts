import { describe, expect, test } from 'vitest';
import { accessStringProblem, aclRules } from '../../../elasticache/access/access-control.ts';

const sha256OfSecret = '#2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b';

describe('rules of the client users', () => {
  test('a group without users is open, but not for CONFIG', () => {
    const rules = aclRules({ type: 'open' }).get('default');
    expect(rules?.slice(0, 5)).toEqual(['reset', 'nopass', 'on', '~*', '&*']);
    expect(rules).toContain('-config');
    expect(rules?.indexOf('-config')).toBeGreaterThan(rules?.indexOf('+@all') ?? 0);
  });

  test('an auth token is the default user’s password', () => {
    expect(aclRules({ type: 'auth-token', tokens: ['secret'] }).get('default')).toContain(sha256OfSecret);
  });

  test('a password user keeps the access string in its order', () => {
    const users = [{ userName: 'app', accessString: 'on ~app:* -@all +get', login: { type: 'password', passwords: ['secret'] } as const }];
    expect(aclRules({ type: 'users', users }).get('app')?.slice(0, 6)).toEqual(['reset', sha256OfSecret, 'on', '~app:*', '-@all', '+get']);
  });

  test('a user group without a default user locks it', () => {
    expect(aclRules({ type: 'users', users: [] }).get('default')?.slice(0, 3)).toEqual(['reset', 'off', '-@all']);
  });

  test('blocked commands are taken from selectors too', () => {
    const users = [{ userName: 'app', accessString: 'on (~x +@all)', login: { type: 'no-password-required' } as const }];
    expect(aclRules({ type: 'users', users }).get('app')?.[3]).toMatch(/^\(~x \+@all .*-config.*\)$/);
  });
});

describe('access strings', () => {
  test.each([
    ['on ~* +@all'],
    ['off -@all'],
    ['on ~app:* &* -@all +@read +@write +client|setname -flushall'],
    ['on %R~a:* %RW~b:* (~c:* +get) +@all'],
  ])('%s is taken', (accessString) => {
    expect(accessStringProblem(accessString)).toBeUndefined();
  });

  test.each([
    ['on >secret ~* +@all', 'passwords and reset'],
    ['on nopass ~* +@all', 'passwords and reset'],
    ['reset on', 'passwords and reset'],
    ['on ~* +config', 'config'],
    ['on ~* +acl|setuser', 'acl|setuser'],
    ['on ~* (~x +shutdown)', 'shutdown'],
    ['on everything', 'everything'],
  ])('%s is refused', (accessString, reason) => {
    expect(accessStringProblem(accessString)).toContain(reason);
  });
});
