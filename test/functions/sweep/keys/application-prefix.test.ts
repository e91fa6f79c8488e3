/** The keys of a fleet's application are recognised below its prefix, in each framework's own layout. */
import { describe, expect, it } from 'vitest';
import { type ApplicationPrefix, DEFAULT_SWEEP_SETTINGS, type KeyType } from '../../../../functions/sweep/contract/settings.ts';
import { createClassify } from '../../../../functions/sweep/keys/classify-key.ts';

const UUID = '0b9d9f5e-7c1a-4a53-9d2e-1f0a6c1f2b3c';
const BY_USER = 'index:org.springframework.session.FindByIndexNameSessionRepository.PRINCIPAL_NAME_INDEX_NAME:';
const classifyWith = (...keyPrefixes: ApplicationPrefix[]) => createClassify({ ...DEFAULT_SWEEP_SETTINGS, keyPrefixes });
const show = (prefix: ApplicationPrefix, key: string, type: KeyType) => {
  return classifyWith(prefix, { prefix: 'sess:other:' })(key, type).map(({ dialect, rule }) => `${dialect.name} ${rule.role}`);
};

describe('with the default prefix', () => {
  it.each<[string, KeyType, string]>([
    ['', 'string', 'connect-redis session'],
    ['spring:session:sessions:', 'hash', 'spring-session session'],
    ['redisson:tomcat_session:', 'hash', 'redisson-tomcat session'],
    ['session:', 'string', 'flask-session session'],
    ['PHPREDIS_SESSION:', 'string', 'phpredis session'],
    ['user:session:', 'string', 'auth-js session'],
    ['user:', 'string', 'auth-js structural'],
    ['user:account:by-user-id:', 'string', 'auth-js structural'],
    ['user:session:by-user-id:', 'string', 'auth-js structural'],
    ['1:', 'hash', 'asp-net-core session'],
  ])('sess:web:%s…', (own, type, expected) => {
    expect(show({ prefix: 'sess:web:' }, `sess:web:${own}${UUID}`, type)).toContain(expected);
  });

  it.each<[string, KeyType, string]>([
    [`sess:web:1:django.contrib.sessions.cache${'a'.repeat(32)}`, 'string', 'django session'],
    [`sess:web:2::${'a'.repeat(64)}`, 'string', 'rack session'],
    [`sess:web:session_${'A'.repeat(52)}`, 'string', 'gorilla session'],
    [`sess:web:laravel_cache_${'a'.repeat(40)}`, 'string', 'laravel session'],
    // session/user-sessions writes the list of a user's sessions, and why one ended. Neither is a session.
    [`sess:web:user-sessions:${'a'.repeat(64)}`, 'list', 'connect-redis companion'],
    [`sess:web:ended:${'a'.repeat(64)}`, 'string', 'connect-redis companion'],
    [`sess:web:ended:${'a'.repeat(63)}`, 'string', 'connect-redis session'],
  ])('%s', (key, type, expected) => {
    expect(show({ prefix: 'sess:web:' }, key, type)).toContain(expected);
  });
});

describe('with a prefix in place of the framework’s own', () => {
  it.each<[ApplicationPrefix, string, KeyType, string | undefined]>([
    [{ prefix: 'shop:', framework: 'connect-redis' }, 'shop:abc', 'string', 'connect-redis session'],
    [{ prefix: 'shop:', framework: 'connect-redis' }, `shop:user-sessions:${'a'.repeat(64)}`, 'list', 'connect-redis companion'],
    [{ prefix: 'shop:', framework: 'connect-redis' }, `shop:ended:${'a'.repeat(64)}`, 'string', 'connect-redis companion'],
    [{ prefix: 'shop:', framework: 'flask-session' }, `shop:${UUID}`, 'string', 'flask-session session'],
    [{ prefix: 'shop_', framework: 'gorilla' }, `shop_${'A'.repeat(52)}`, 'string', 'gorilla session'],
    [{ prefix: 'shop:', framework: 'phpredis' }, 'shop:abc_LOCK', 'string', 'phpredis companion'],
    [{ prefix: 'sess:web:', framework: 'flask-session' }, `sess:web:${UUID}`, 'string', 'flask-session session'],
    [{ prefix: 'shop:', framework: 'spring-session' }, `shop:sessions:${UUID}`, 'hash', 'spring-session session'],
    [{ prefix: 'shop:', framework: 'spring-session' }, `shop:sessions:expires:${UUID}`, 'string', 'spring-session companion'],
    [
      { prefix: 'shop:', framework: 'spring-session' },
      `shop:sessions:index:PRINCIPAL_NAME_INDEX_NAME:ann`,
      'set',
      'spring-session structural',
    ],
    [{ prefix: 'spring:session:shop:' }, `spring:session:shop:sessions:${UUID}`, 'hash', 'spring-session session'],
    // The configuration does not say whose keys these are.
    [{ prefix: 'shop:' }, 'shop:abc', 'string', undefined],
    // Another application's.
    [{ prefix: 'shop:', framework: 'connect-redis' }, 'cart:abc', 'string', undefined],
  ])('%o %s', (prefix, key, type, expected) => {
    if (expected === undefined) expect(show(prefix, key, type)).toEqual([]);
    else expect(show(prefix, key, type)).toContain(expected);
  });

  it('a user of Auth.js below the prefix of another framework is no session', () => {
    expect(show({ prefix: 'shop:', framework: 'phpredis' }, 'shop:user:email:ann', 'string')).toEqual(['auth-js structural']);
  });

  it('of two prefixes that begin alike, as an existing store can have, the longer one counts', () => {
    const classify = classifyWith({ prefix: 'app:', framework: 'phpredis' }, { prefix: 'app:node:', framework: 'connect-redis' });
    expect(classify('app:node:abc', 'string')[0]?.dialect.name).toBe('connect-redis');
    expect(classify('app:abc', 'string')[0]?.dialect.name).toBe('phpredis');
  });

  it('finds a session’s marker below the prefix', () => {
    const classify = classifyWith({ prefix: 'shop:', framework: 'spring-session' });
    const life = classify(`shop:sessions:${UUID}`, 'hash')[0]?.rule.life;
    expect(life?.from === 'fields' && life.marker?.(`shop:sessions:${UUID}`)).toBe(`shop:sessions:expires:${UUID}`);
  });

  it.each([
    ['shop:sessions:index:PRINCIPAL_NAME_INDEX_NAME:ann', 'shop:'],
    ['spring:session:sessions:index:PRINCIPAL_NAME_INDEX_NAME:ann', 'spring:session:'],
    [`spring:session:${BY_USER}ann`, 'spring:session:'],
    [`sess:web:spring:session:${BY_USER}ann`, 'sess:web:spring:session:'],
    // A user who calls himself like an index.
    [`spring:session:${BY_USER}sessions:index:PRINCIPAL_NAME_INDEX_NAME:x`, 'spring:session:'],
    [`spring:session:sessions:index:PRINCIPAL_NAME_INDEX_NAME:${BY_USER}x`, 'spring:session:'],
  ])('the members of the index %s are sessions of %s', (index, namespace) => {
    const classify = classifyWith({ prefix: 'shop:', framework: 'spring-session' });
    expect(classify(index, 'set')[0]?.rule.memberKey?.(index, UUID)).toBe(`${namespace}sessions:${UUID}`);
  });
});
